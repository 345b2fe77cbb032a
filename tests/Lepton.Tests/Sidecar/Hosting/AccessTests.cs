using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;

namespace Lepton.Tests.Sidecar.Hosting;

/// <summary>Who may call what: lists of APIs, origins of browsers, the public port; and what an app is not asked.</summary>
public sealed class AccessTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<TestRun> StartAsync(string api)
    {
        var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false);
        var config = run.WriteResource("a", "config.yaml", $"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {{ name: config }}\nspec: {{ api: {{ {api} }} }}");
        run.Add("b", TestRun.Memory, withApp: false, change: o => o with { ConfigFiles = [config] });
        await run.StartAsync();
        return run;
    }

    private static async Task<(int Status, string Body)> GetAsync(TestRun run, string path)
    {
        using var answer = await run.Http.GetAsync(run.Url("b", path), Stop);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<Status> CallAsync(TestRun run, string method)
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("b").Grpc}");
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(new Method<Empty, Empty>(MethodType.Unary, DaprService.Name, method, GrpcMarshaller<Empty>.Instance, GrpcMarshaller<Empty>.Instance), null, new CallOptions(cancellationToken: Stop), new Empty());
        try
        {
            await call.ResponseAsync;
        }
        catch (RpcException)
        {
            // Its status is looked at.
        }
        return call.GetStatus();
    }

    [Fact]
    public async Task A_denied_api_is_as_if_it_were_not_there()
    {
        await using var run = await StartAsync("denied: [ { name: state, version: v1, protocol: http }, { name: metadata, version: v1, protocol: grpc } ]");
        var (status, body) = await GetAsync(run, "/v1.0/state/store/k");
        Assert.Equal(404, status);
        Assert.Contains("ERR_DIRECT_INVOKE", body);
        Assert.Equal(200, (await GetAsync(run, "/v1.0/metadata")).Status);
        Assert.Equal((StatusCode.Unimplemented, "Not Implemented"), ((await CallAsync(run, "GetMetadata")).StatusCode, (await CallAsync(run, "GetMetadata")).Detail));
        Assert.NotEqual("Not Implemented", (await CallAsync(run, "GetState")).Detail);
    }

    [Fact]
    public async Task Only_what_is_allowed_answers_where_a_list_says_so()
    {
        await using var run = await StartAsync("allowed: [ { name: state, version: v1.0, protocol: http }, { name: state, version: v1, protocol: grpc } ]");
        Assert.Equal(204, (await GetAsync(run, "/v1.0/state/store/k")).Status);
        Assert.Equal((404, "404 page not found\n"), await GetAsync(run, "/v1.0/metadata"));
        Assert.Equal((404, "404 page not found\n"), await GetAsync(run, "/anything"));
        Assert.Equal(204, (await GetAsync(run, "/v1.0/healthz/outbound")).Status);
        Assert.Equal("Not Implemented", (await CallAsync(run, "GetMetadata")).Detail);
        Assert.NotEqual("Not Implemented", (await CallAsync(run, "GetState")).Detail);
    }

    [Fact]
    public async Task Browsers_of_the_named_origins_are_answered_and_the_public_port_shows_health_and_metadata_alone()
    {
        await using var run = new TestRun();
        var open = FreePort.Take();
        run.Add("a", TestRun.Memory, withApp: false, change: o => o with { AllowedOrigins = ["http://one", "https://*.two"], PublicPort = open, ApiToken = "secret" });
        await run.StartAsync();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, run.Url("a", "/v1.0/metadata")) { Headers = { { "Origin", "https://x.two" }, { "Access-Control-Request-Method", "PUT" }, { "Access-Control-Request-Headers", "x-mine, content-type" } } };
        using var allowed = await run.Http.SendAsync(preflight, Stop);
        Assert.Equal((HttpStatusCode.OK, "https://x.two", "PUT", "X-Mine, Content-Type"), (allowed.StatusCode, One(allowed, "Access-Control-Allow-Origin"), One(allowed, "Access-Control-Allow-Methods"), One(allowed, "Access-Control-Allow-Headers")));
        using var request = new HttpRequestMessage(HttpMethod.Get, run.Url("a", "/v1.0/healthz/outbound")) { Headers = { { "Origin", "http://one" } } };
        using var actual = await run.Http.SendAsync(request, Stop);
        Assert.Equal((HttpStatusCode.NoContent, "http://one"), (actual.StatusCode, One(actual, "Access-Control-Allow-Origin")));
        using var stranger = new HttpRequestMessage(HttpMethod.Get, run.Url("a", "/v1.0/healthz/outbound")) { Headers = { { "Origin", "http://three" } } };
        using var ignored = await run.Http.SendAsync(stranger, Stop);
        Assert.False(ignored.Headers.Contains("Access-Control-Allow-Origin"));

        using var metadata = await run.Http.GetAsync($"http://127.0.0.1:{open}/v1.0/metadata", Stop);
        using var state = await run.Http.GetAsync($"http://127.0.0.1:{open}/v1.0/state/store/k", Stop);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (metadata.StatusCode, state.StatusCode));

        static string One(HttpResponseMessage answer, string name) => string.Join(' ', answer.Headers.GetValues(name));
    }

    [Fact]
    public async Task An_app_is_not_asked_what_the_flags_disable()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Memory + "\n---\napiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: { name: s }\nspec: { pubsubname: bus, topic: t, route: /t }", change: o => o with { DisabledQuestions = ["config", "subscribe"] });
        app.Subscriptions = """[{"pubsubname":"bus","topic":"u","route":"/u"}]""";
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        foreach (var topic in (string[])["u", "t"]) (await run.PublishAsync("a", topic, "1")).Dispose();
        await app.ExpectAsync("/t", 1);
        Assert.Empty(app.All("/u"));
    }
}
