using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Lepton.Tests.Sidecar.Hosting;

/// <summary>API tokens in both directions, on whatever is served.</summary>
public sealed class TokenTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_and_method_but_health_asks_for_the_token()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false, change: o => o with { ApiToken = "secret" });
        await run.StartAsync();
        var endpoints = ((IEndpointRouteBuilder)run.Runtime.Hosts[0]).DataSources.SelectMany(d => d.Endpoints).OfType<RouteEndpoint>().ToList();
        var open = new List<string>();
        foreach (var endpoint in endpoints.Where(e => e.Metadata.GetMetadata<GrpcMethodMetadata>() is null))
        {
            var path = "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(s => s.Parts[0] is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "x"));
            foreach (var verb in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(verb), run.Url("a", path));
                using var answer = await run.Http.SendAsync(request, Stop);
                if (answer.StatusCode != HttpStatusCode.Unauthorized) open.Add($"{verb} {path}");
            }
        }
        Assert.Equal(["GET /v1.0/healthz", "GET /v1.0/healthz/outbound"], open.Order());

        var calls = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}").CreateCallInvoker();
        var methods = endpoints.Select(e => e.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method).OfType<IMethod>().Select(m => (m.ServiceName, m.Name)).Append(("proxied.Service", "Method")).Distinct().ToList();
        Assert.True(methods.Count > 60);
        foreach (var (service, name) in methods)
        {
            var method = new Method<Empty, Empty>(MethodType.Unary, service, name, GrpcMarshaller<Empty>.Instance, GrpcMarshaller<Empty>.Instance);
            foreach (var (token, why) in ((string?, string)[])[(null, "missing api token in request metadata"), ("wrong", "authentication error: api token mismatch")])
            {
                var headers = new Metadata { { "dapr-app-id", "a" } };
                if (token is not null) headers.Add("dapr-api-token", token);
                using var call = calls.AsyncUnaryCall(method, null, new CallOptions(headers, cancellationToken: Stop), new Empty());
                var refused = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseAsync);
                Assert.Equal((name, StatusCode.Unauthenticated, "Unauthorized"), (name, refused.StatusCode, refused.Status.Detail));
                Assert.Equal(why, refused.GetRpcStatus()!.GetDetail<Google.Rpc.ErrorInfo>()!.Metadata["http.error_message"]);
            }
        }
    }

    [Fact]
    public async Task Whatever_reaches_the_app_carries_its_token()
    {
        const string Resources = TestRun.Memory + """

            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: tick }
            spec: { type: bindings.cron, version: v1, metadata: [ { name: schedule, value: "@every 1s" } ] }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: settings }
            spec: { type: configuration.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: actors }
            spec: { type: state.in-memory, version: v1, metadata: [ { name: actorStateStore, value: "true" } ] }
            """;
        await using var run = new TestRun { ControlPort = FreePort.Take() };
        var app = run.Add("a", Resources, change: o => o with { AppToken = "mine" });
        app.Config = """{"entities":["T"]}""";
        app.Subscriptions = """[{"pubsubname":"bus","topic":"t","route":"/t"},{"pubsubname":"bus","topic":"many","route":"/many","bulkSubscribe":{"enabled":true,"maxAwaitDurationMs":10}}]""";
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        (await run.PublishAsync("a", "t", "1")).Dispose();
        (await run.PublishAsync("a", "many", "1")).Dispose();
        (await run.PostAsync("a", "/v1.0/jobs/j", """{"dueTime":"0s"}""")).Dispose();
        (await run.PostAsync("a", "/v1.0/invoke/a/method/m", "{}")).Dispose();
        (await run.PostAsync("a", "/v1.0/actors/T/1/method/m", "{}")).Dispose();
        _ = await run.Http.GetStringAsync(run.Url("a", "/v1.0/configuration/settings/subscribe?key=k"), Stop);
        using var set = await run.Http.PutAsync($"http://127.0.0.1:{run.ControlPort}/control/configuration/a/settings/k", new StringContent("v"), Stop);
        foreach (var path in (string[])["/t", "/many", "/job/j", "/m", "/actors/T/1/method/m", "/configuration/settings/k", "/tick"])
        {
            foreach (var request in await app.ExpectAsync(path, 1)) Assert.Equal((path, "mine"), (path, request.Headers.GetValueOrDefault("dapr-api-token")));
        }
    }
}
