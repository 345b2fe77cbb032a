using System.Net;
using System.Text;
using Dapr.Client;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Invocation;

namespace Lepton.Tests.Sidecar.Invocation;

public sealed class GrpcProxyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>App a (HTTP) calls app g (gRPC) through their sidecars.</summary>
    private static async Task<(TestRun Run, GrpcProbe App, GrpcChannel Channel)> StartAsync()
    {
        var run = new TestRun();
        var a = run.Add("a", TestRun.Memory);
        var app = new GrpcProbe { Port = FreePort.Take() };
        run.Add("g", TestRun.Memory, change: o => o with { AppPort = app.Port, AppProtocol = "grpc" });
        await a.StartAsync();
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("g");
        return (run, app, GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}"));
    }

    private static CallOptions To(string id, TimeSpan? within = null) =>
        new(new Metadata { { "dapr-app-id", id }, { "x-mine", "1" } }, within is { } limit ? DateTime.UtcNow + limit : null, Stop);

    [Fact]
    public async Task All_four_kinds_pass_with_metadata_and_trailers()
    {
        var (run, app, channel) = await StartAsync();
        await using var running = run;
        await using var served = app;
        var calls = channel.CreateCallInvoker();
        using (var unary = calls.AsyncUnaryCall(GrpcProbe.Method(MethodType.Unary), null, To("g"), new StringValue { Value = "hi" }))
        {
            Assert.Equal("hi", (await unary.ResponseAsync).Value);
            Assert.Equal("done", unary.GetTrailers().GetValue("echo-trailer"));
        }
        var (_, headers) = app.Calls.Single();
        Assert.Equal(("1", "a", "g", null), (headers.GetValue("x-mine"), headers.GetValue("dapr-caller-app-id"), headers.GetValue("dapr-callee-app-id"), headers.GetValue("dapr-app-id")));

        using (var server = calls.AsyncServerStreamingCall(GrpcProbe.Method(MethodType.ServerStreaming), null, To("g"), new StringValue { Value = "x" }))
        {
            Assert.Equal("x0x1x2", string.Concat(await server.ResponseStream.ReadAllAsync(Stop).Select(m => m.Value).ToListAsync(Stop)));
            Assert.Equal("done", server.GetTrailers().GetValue("echo-trailer"));
        }
        using (var client = calls.AsyncClientStreamingCall(GrpcProbe.Method(MethodType.ClientStreaming), null, To("g")))
        {
            await client.RequestStream.WriteAsync(new StringValue { Value = "a" }, Stop);
            await client.RequestStream.WriteAsync(new StringValue { Value = new string('b', 200_000) }, Stop);
            await client.RequestStream.CompleteAsync();
            Assert.Equal(200_002, (await client.ResponseAsync).Value.Length);
        }
        using var both = calls.AsyncDuplexStreamingCall(GrpcProbe.Method(MethodType.DuplexStreaming), null, To("g"));
        foreach (var text in (string[])["one", "two"])
        {
            // Each comes back before the next goes out: nothing on the way waits for more.
            await both.RequestStream.WriteAsync(new StringValue { Value = text }, Stop);
            Assert.True(await both.ResponseStream.MoveNext(Stop));
            Assert.Equal(text, both.ResponseStream.Current.Value);
        }
        await both.RequestStream.CompleteAsync();
        Assert.False(await both.ResponseStream.MoveNext(Stop));
        Assert.Equal("done", both.GetTrailers().GetValue("echo-trailer"));
    }

    [Fact]
    public async Task Status_codes_and_deadlines_pass_and_a_missing_target_is_named()
    {
        var (run, app, channel) = await StartAsync();
        await using var running = run;
        await using var served = app;
        var calls = channel.CreateCallInvoker();
        async Task<Status> FailAsync(CallOptions options, string text)
        {
            using var call = calls.AsyncUnaryCall(GrpcProbe.Method(MethodType.Unary), null, options, new StringValue { Value = text });
            return (await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseAsync)).Status;
        }

        var failed = await FailAsync(To("g"), "fail");
        Assert.Equal((StatusCode.FailedPrecondition, "not today: ü"), (failed.StatusCode, failed.Detail));
        var missing = await FailAsync(new CallOptions(cancellationToken: Stop), "x");
        Assert.Equal((StatusCode.Unknown, "cannot proxy request: missing dapr-callee-app-id or dapr-app-id metadata"), (missing.StatusCode, missing.Detail));
        Assert.Equal("no host found with the given ID", (await FailAsync(To("nobody"), "x")).Detail);
        Assert.Equal(StatusCode.Unavailable, (await FailAsync(To("a"), "x")).StatusCode);
        using (var late = calls.AsyncServerStreamingCall(GrpcProbe.Method(MethodType.ServerStreaming), null, To("g", TimeSpan.FromMilliseconds(300)), new StringValue { Value = "hang" }))
        {
            var fault = await Assert.ThrowsAsync<RpcException>(async () => await late.ResponseStream.MoveNext(Stop));
            Assert.Equal(StatusCode.DeadlineExceeded, fault.StatusCode);
        }
        await app.DisposeAsync();
        var away = await FailAsync(To("g"), "x");
        Assert.Equal(StatusCode.Unavailable, away.StatusCode);
        Assert.Contains("connection refused", away.Detail);
    }

    [Fact]
    public async Task Http_reaches_an_app_that_speaks_grpc_by_its_OnInvoke()
    {
        var (run, app, _) = await StartAsync();
        await using var running = run;
        await using var served = app;
        var seen = new List<string>();
        app.OnInvoke = request =>
        {
            seen.Add($"{request.HttpExtension.Verb} {request.Method}?{request.HttpExtension.Querystring} {request.ContentType} {request.Data.Value.ToStringUtf8()}");
            return seen.Count == 1 ? new() { ContentType = "text/x-out", Data = request.Data } : throw new RpcException(new Status(StatusCode.NotFound, "nah"));
        };
        using var request = new HttpRequestMessage(HttpMethod.Put, run.Url("a", "/v1.0/invoke/g/method/abc/d?x=1")) { Content = new StringContent("""{"q":1}""", Encoding.UTF8, "application/json") };
        using var good = await run.Http.SendAsync(request, Stop);
        Assert.Equal(("""{"q":1}""", "text/x-out"), (await good.Content.ReadAsStringAsync(Stop), good.Content.Headers.ContentType?.ToString()));
        Assert.Equal(["""Put abc/d?x=1 application/json; charset=utf-8 {"q":1}"""], seen);
        using var bad = await run.Http.GetAsync(run.Url("a", "/v1.0/invoke/g/method/abc"), Stop);
        Assert.Equal((HttpStatusCode.NotFound, """{"code":5,"message":"nah"}"""), (bad.StatusCode, await bad.Content.ReadAsStringAsync(Stop)));
    }

#pragma warning disable CS0618 // The SDK advises against InvokeService, but still calls it.
    [Fact]
    public async Task The_official_client_invokes_apps_of_both_protocols_over_grpc()
    {
        var (run, app, _) = await StartAsync();
        await using var running = run;
        await using var served = app;
        app.OnInvoke = static request => new() { Data = Any.Pack(new StringValue { Value = request.Method }) };
        using var dapr = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}").UseHttpEndpoint(run.Url("a", "")).Build();
        Assert.Equal("m", (await dapr.InvokeMethodGrpcAsync<StringValue, StringValue>("g", "m", new StringValue { Value = "x" }, Stop)).Value);
        var client = DaprClient.CreateInvocationInvoker("g", $"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}");
        using var call = client.AsyncUnaryCall(GrpcProbe.Method(MethodType.Unary), null, new CallOptions(cancellationToken: Stop), new StringValue { Value = "through the SDK" });
        Assert.Equal("through the SDK", (await call.ResponseAsync).Value);
        var nobody = await Assert.ThrowsAsync<InvocationException>(() => dapr.InvokeMethodGrpcAsync("nobody", "m", Stop));
        Assert.Contains("no host found", nobody.InnerException!.Message);
    }

#pragma warning restore CS0618

    [Theory]
    [InlineData("20m", 20d)]
    [InlineData("3S", 3_000d)]
    [InlineData("1H", 3_600_000d)]
    [InlineData("x", null)]
    [InlineData("99999999S", 3_600_000_000d)]
    public void A_deadline_is_read_from_its_header(string text, double? milliseconds) => Assert.Equal(milliseconds, PassedCall.Deadline(text)?.TotalMilliseconds);
}
