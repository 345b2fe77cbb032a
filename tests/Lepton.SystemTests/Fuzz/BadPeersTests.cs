using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Lepton.Sidecar.Hosting;
using Lepton.SystemTests.Golden;

namespace Lepton.SystemTests.Fuzz;

/// <summary>Callers and apps that stop in the middle harm nobody else.</summary>
[Collection(GoldenCollection.Name)]
public sealed class BadPeersTests : IAsyncLifetime
{
    private const string Resources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.in-memory, version: v1 }
        """;

    private readonly ProbeApp app = new((JsonObject)JsonNode.Parse("""
        {"routes": [
          {"on": "GET /dapr/config", "replies": [{"json": {}}]},
          {"on": "GET /dapr/subscribe", "replies": [{"json": [{"pubsubname": "bus", "topic": "never", "route": "/never"}, {"pubsubname": "bus", "topic": "dies", "route": "/dies"}]}]},
          {"on": "POST /never", "replies": [{"hang": true}]}, {"on": "POST /dies", "replies": [{"drop": true}, {}]}
        ]}
        """)!, static node => node);

    private readonly CancellationToken limit = TestContext.Current.CancellationToken;
    private EmbeddedRuntime runtime = null!;

    private int Port => runtime.PortsOf("victim").Http;

    public async ValueTask InitializeAsync()
    {
        app.ReadRoutes();
        var port = FreePorts.Take();
        await app.StartAsync(port);
        runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions
        {
            Sidecars = [new SidecarOptions { AppId = "victim", AppPort = port, Resources = Resources, GracefulShutdown = TimeSpan.FromSeconds(1) }],
            Log = static _ => { },
        });
        while ((int)(await SendAsync("GET", "/v1.0/healthz"))["status"]! != 204) await Task.Delay(20, limit);
    }

    /// <summary>An app that never answers does not hold up the end either.</summary>
    public async ValueTask DisposeAsync()
    {
        await runtime.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        await app.StopAsync();
    }

    [Theory]
    [InlineData("POST /v1.0/state/store HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[{\"key\":")]
    [InlineData("POST /v1.0/publish/bus/t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")]
    [InlineData("PUT /v1.0/metadata/k HTTP/1.1\r\nHost: x\r\nContent-Le")]
    [InlineData("POST /v1.0/invoke/victim/method/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM")]
    public async Task A_request_that_breaks_off_is_given_up_at_once(string half)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port, limit);
        await socket.SendAsync(Encoding.ASCII.GetBytes(half), limit);
        socket.Shutdown(SocketShutdown.Send);
        var buffer = new byte[4096];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit);
        patience.CancelAfter(TimeSpan.FromSeconds(15));
        try
        {
            while (await socket.ReceiveAsync(buffer, patience.Token) > 0) { }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
        Assert.Equal(204, (int)(await SendAsync("GET", "/v1.0/state/store/key"))["status"]!);
    }

    [Fact]
    public async Task Readers_that_do_not_read_hold_up_nobody()
    {
        var large = new string('v', 3_000_000);
        Assert.Equal(204, (int)(await SendAsync("POST", "/v1.0/state/store", $"[{{\"key\":\"large\",\"value\":\"{large}\"}}]"))["status"]!);
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < 50; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                idle.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, Port, limit);
                await socket.SendAsync("GET /v1.0/state/store/large HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), limit);
            }
            var answer = await SendAsync("GET", "/v1.0/state/store/large");
            Assert.Equal(large.Length + 2, answer.Text("text")!.Length);
        }
        finally
        {
            foreach (var socket in idle) socket.Dispose();
        }
    }

    [Fact]
    public async Task A_subscriber_that_never_answers_holds_up_no_other_topic_and_a_broken_delivery_comes_again()
    {
        for (var i = 0; i < 40; i++) Assert.Equal(204, (int)(await SendAsync("POST", "/v1.0/publish/bus/never", "{}"))["status"]!);
        Assert.Single(await app.NextAsync("POST /never", 1, TimeSpan.FromSeconds(15)));
        Assert.Equal(204, (int)(await SendAsync("POST", "/v1.0/publish/bus/dies", "{}"))["status"]!);
        var deliveries = await app.NextAsync("POST /dies", 2, TimeSpan.FromSeconds(20));
        Assert.Equal(2, deliveries.Count);
        Assert.Equal(deliveries[0].Request.Text("text"), deliveries[1].Request.Text("text"));
    }

    private Task<JsonObject> SendAsync(string verb, string target, string? body = null) =>
        Http1.SendAsync(Port, verb, target, [KeyValuePair.Create("content-type", "application/json")], body is null ? null : Encoding.UTF8.GetBytes(body), TimeSpan.FromSeconds(15));
}
