using System.Text.Json.Nodes;
using Lepton.Sidecar.Hosting;
using Lepton.SystemTests.Golden;
using Microsoft.AspNetCore.Routing;

namespace Lepton.SystemTests.Fuzz;

/// <summary>A runtime with an app, to be fed nonsense.</summary>
public sealed class FuzzedRuntime : IAsyncLifetime
{
    private const string Resources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.in-memory, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.in-memory, version: v1, metadata: [ { name: actorStateStore, value: "true" } ] }
        """;

    private readonly ProbeApp app = new((JsonObject)JsonNode.Parse("""
        {"routes": [
          {"on": "GET /dapr/config", "replies": [{"json": {"entities": ["T"]}}]},
          {"on": "GET /dapr/subscribe", "replies": [{"json": [{"pubsubname": "bus", "topic": "orders", "route": "/orders"}]}]},
          {"on": "GET *", "replies": [{"text": "ok"}]}, {"on": "PUT *", "replies": [{"json": {}}]}, {"on": "POST *", "replies": [{}, {"status": 500}]}, {"on": "DELETE *", "replies": [{}]}
        ]}
        """)!, static node => node) { Remembers = false };

    internal EmbeddedRuntime Runtime { get; private set; } = null!;

    internal int HttpPort => Runtime.PortsOf("fuzzed").Http;

    internal int GrpcPort => Runtime.PortsOf("fuzzed").Grpc;

    internal IEnumerable<RouteEndpoint> Endpoints => ((IEndpointRouteBuilder)Runtime.Hosts[0]).DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>();

    public async ValueTask InitializeAsync()
    {
        app.ReadRoutes();
        var port = FreePorts.Take();
        await app.StartAsync(port);
        Runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions { Sidecars = [new SidecarOptions { AppId = "fuzzed", AppPort = port, Resources = Resources }], Log = static _ => { } });
    }

    /// <summary>Whatever was sent, it works on, and it ends in order: nothing of the nonsense hangs.</summary>
    public async ValueTask DisposeAsync()
    {
        var health = await Http1.SendAsync(HttpPort, "GET", "/v1.0/healthz", [], null, TimeSpan.FromSeconds(10));
        Assert.Equal(204, (int)health["status"]!);
        await Runtime.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await app.StopAsync();
    }
}
