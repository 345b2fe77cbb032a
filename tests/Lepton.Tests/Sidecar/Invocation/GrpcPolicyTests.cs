using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Status = Grpc.Core.Status;

namespace Lepton.Tests.Sidecar.Invocation;

/// <summary>What resiliency policies and size limits make of calls to apps that speak gRPC.</summary>
public sealed class GrpcPolicyTests
{
    private const string Policies = TestRun.Memory + """

        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: policies }
        spec:
          policies:
            timeouts: { short: 400ms }
            retries:
              twice: { policy: constant, duration: 10ms, maxRetries: 2 }
              some: { policy: constant, duration: 10ms, maxRetries: 2, matching: { gRPCStatusCodes: "14", httpStatusCodes: "503" } }
            circuitBreakers:
              breaker: { maxRequests: 1, timeout: 60s, trip: consecutiveFailures >= 2 }
          targets:
            apps:
              retried: { retry: twice }
              matched: { retry: some }
              timed: { timeout: short }
              broken: { circuitBreaker: breaker }
        """;

    private static readonly Method<InvokeServiceRequest, InvokeResponse> InvokeService =
        new(MethodType.Unary, DaprService.Name, "InvokeService", GrpcMarshaller<InvokeServiceRequest>.Instance, GrpcMarshaller<InvokeResponse>.Instance);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<(TestRun Run, GrpcProbe App, CallInvoker Calls)> StartAsync(string id, long limit = 4 << 20)
    {
        var run = new TestRun();
        run.Add("a", Policies, withApp: false, change: o => o with { MaxBodySize = limit });
        var app = new GrpcProbe { Port = FreePort.Take() };
        run.Add(id, TestRun.Memory, change: o => o with { AppPort = app.Port, AppProtocol = "grpc" });
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync(id);
        var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}", new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        return (run, app, channel.CreateCallInvoker());
    }

    private static CallOptions To(string id) => new(new Metadata { { "dapr-app-id", id } }, cancellationToken: Stop);

    private static async Task<string> EchoAsync(CallInvoker calls, string id, string text)
    {
        using var call = calls.AsyncUnaryCall(GrpcProbe.Method(MethodType.Unary), null, To(id), new StringValue { Value = text });
        return (await call.ResponseAsync).Value;
    }

    private static async Task<(StatusCode Code, string Text)> FailAsync(CallInvoker calls, string id, string text)
    {
        var fault = await Assert.ThrowsAsync<RpcException>(() => EchoAsync(calls, id, text));
        return (fault.StatusCode, fault.Status.Detail);
    }

    [Fact]
    public async Task A_failed_unary_call_is_made_again_with_the_same_message()
    {
        var (run, app, calls) = await StartAsync("retried");
        await using var running = run;
        await using var served = app;
        app.OnUnary = (text, _) => app.Calls.Count < 3 ? throw new RpcException(new Status(StatusCode.NotFound, "not yet")) : Task.FromResult(text);
        Assert.Equal("hello", await EchoAsync(calls, "retried", "hello"));
        Assert.Equal(3, app.Calls.Count);
        app.OnUnary = static (_, _) => throw new RpcException(new Status(StatusCode.Internal, "never"));
        Assert.Equal((StatusCode.Internal, "never"), await FailAsync(calls, "retried", "x"));
        Assert.Equal(6, app.Calls.Count);
        using var many = calls.AsyncClientStreamingCall(GrpcProbe.Method(MethodType.ClientStreaming), null, To("retried"));
        await many.RequestStream.WriteAsync(new StringValue { Value = "1" }, Stop);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await many.RequestStream.WriteAsync(new StringValue { Value = "2" }, Stop);
            await many.RequestStream.CompleteAsync();
            await many.ResponseAsync;
        });
        Assert.Equal((StatusCode.FailedPrecondition, "cannot use resiliency policies with retries on streaming RPCs"), (refused.StatusCode, refused.Status.Detail));
        // One that says it is a stream goes without policies, as does one to the caller's own app.
        using var stream = calls.AsyncClientStreamingCall(GrpcProbe.Method(MethodType.ClientStreaming), null, new CallOptions(new Metadata { { "dapr-app-id", "retried" }, { "dapr-stream", "true" } }, cancellationToken: Stop));
        foreach (var text in (string[])["1", "2"]) await stream.RequestStream.WriteAsync(new StringValue { Value = text }, Stop);
        await stream.RequestStream.CompleteAsync();
        Assert.Equal("1,2", (await stream.ResponseAsync).Value);
    }

    [Fact]
    public async Task Only_the_codes_that_match_are_tried_again()
    {
        var (run, app, calls) = await StartAsync("matched");
        await using var running = run;
        await using var served = app;
        app.OnUnary = static (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "no"));
        Assert.Equal(StatusCode.NotFound, (await FailAsync(calls, "matched", "x")).Code);
        Assert.Single(app.Calls);
        app.OnUnary = static (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, "away"));
        Assert.Equal(StatusCode.Unavailable, (await FailAsync(calls, "matched", "x")).Code);
        Assert.Equal(4, app.Calls.Count);
        // Over HTTP the codes of the answer are those of HTTP.
        app.OnInvoke = static _ => throw new RpcException(new Status(StatusCode.Unavailable, "away"));
        using var answer = await run.Http.GetAsync(run.Url("a", "/v1.0/invoke/matched/method/m"), Stop);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 7), (answer.StatusCode, app.Calls.Count));
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_given_up()
    {
        var (run, app, calls) = await StartAsync("timed");
        await using var running = run;
        await using var served = app;
        app.OnUnary = static async (text, stop) =>
        {
            if (text == "hang") await Task.Delay(Timeout.Infinite, stop);
            return text;
        };
        Assert.Equal((StatusCode.DeadlineExceeded, "context deadline exceeded"), await FailAsync(calls, "timed", "hang"));
        Assert.Equal("quick", await EchoAsync(calls, "timed", "quick"));
    }

    [Fact]
    public async Task A_breaker_opens_for_the_method_that_fails_and_for_no_other()
    {
        var (run, app, calls) = await StartAsync("broken");
        await using var running = run;
        await using var served = app;
        app.OnUnary = static (_, _) => throw new RpcException(new Status(StatusCode.Internal, "down"));
        for (var i = 0; i < 2; i++) Assert.Equal((StatusCode.Internal, "down"), await FailAsync(calls, "broken", "x"));
        Assert.Equal((StatusCode.Unknown, "circuit breaker is open"), await FailAsync(calls, "broken", "x"));
        Assert.Equal(2, app.Calls.Count);
        using var other = calls.AsyncServerStreamingCall(GrpcProbe.Method(MethodType.ServerStreaming), null, To("broken"), new StringValue { Value = "y" });
        Assert.True(await other.ResponseStream.MoveNext(Stop));
    }

    [Theory]
    [InlineData("retried")]
    [InlineData("plain")]
    public async Task A_message_above_the_limit_is_refused_in_both_directions(string id)
    {
        var (run, app, calls) = await StartAsync(id, limit: 20_000);
        await using var running = run;
        await using var served = app;
        Assert.Equal((StatusCode.ResourceExhausted, "grpc: received message larger than max (30004 vs. 20000)"), await FailAsync(calls, id, new string('x', 30_000)));
        app.OnUnary = static (_, _) => Task.FromResult(new string('y', 40_000));
        Assert.Equal((StatusCode.ResourceExhausted, "grpc: received message larger than max (40004 vs. 20000)"), await FailAsync(calls, id, "x"));
    }

    [Fact]
    public async Task InvokeService_keeps_the_details_of_an_error()
    {
        var (run, app, calls) = await StartAsync("plain");
        await using var running = run;
        await using var served = app;
        var status = new Google.Rpc.Status { Code = (int)Code.ResourceExhausted, Message = "slow down", Details = { Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)) }) } };
        app.OnInvoke = _ => throw new RpcException(new Status(StatusCode.ResourceExhausted, "slow down"), new Metadata { { "grpc-status-details-bin", status.ToByteArray() }, { "x-trailer", "t" } });
        var request = new InvokeServiceRequest { Id = "plain", Message = new InvokeRequest { Method = "m", Data = new Any { Value = ByteString.CopyFromUtf8("{}") } } };
        using var call = calls.AsyncUnaryCall(InvokeService, null, new CallOptions(cancellationToken: Stop), request);
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseAsync);
        Assert.Equal((StatusCode.ResourceExhausted, "slow down"), (fault.StatusCode, fault.Status.Detail));
        Assert.Equal(status, Google.Rpc.Status.Parser.ParseFrom(fault.Trailers.GetValueBytes("grpc-status-details-bin")));
    }
}
