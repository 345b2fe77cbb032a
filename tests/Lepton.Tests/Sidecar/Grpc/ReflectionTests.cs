using System.Collections.Concurrent;
using Dapr.Client;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Reflection.V1;

namespace Lepton.Tests.Sidecar.Grpc;

public sealed class ReflectionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Services_and_their_methods_are_told()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false);
        await run.StartAsync();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}");
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(cancellationToken: Stop);
        var listed = await AskAsync(call, new ServerReflectionRequest { ListServices = "" });
        Assert.Equal(["TaskHubSidecarService", "dapr.proto.runtime.v1.Dapr", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"],
            listed.ListServicesResponse.Service.Select(service => service.Name));
        Assert.Contains("GetWorkItems", await MethodsAsync(call, "TaskHubSidecarService"));
        Assert.Contains("BulkPublishEvent", await MethodsAsync(call, "dapr.proto.runtime.v1.Dapr"));
        Assert.Equal((int)StatusCode.NotFound, (await AskAsync(call, new ServerReflectionRequest { FileContainingSymbol = "no.Such" })).ErrorResponse.ErrorCode);
    }

    [Fact]
    public async Task The_official_client_asks_once_which_methods_there_are()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Memory, withApp: false);
        await run.StartAsync();
        using var calls = new CallLog();
        using var dapr = new DaprClientBuilder()
            .UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}")
            .UseGrpcChannelOptions(new GrpcChannelOptions { HttpHandler = calls })
            .Build();
        for (var i = 0; i < 3; i++) Assert.Empty((await dapr.BulkPublishEventAsync("bus", "t", new[] { i }, cancellationToken: Stop)).FailedEntries);
        Assert.Equal(["ServerReflectionInfo", "BulkPublishEvent", "BulkPublishEvent", "BulkPublishEvent"], calls.Methods);
    }

    private static async Task<IEnumerable<string>> MethodsAsync(AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call, string service)
    {
        var answer = await AskAsync(call, new ServerReflectionRequest { FileContainingSymbol = service });
        return answer.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom)
            .SelectMany(file => file.Service.Where(each => (file.HasPackage ? $"{file.Package}.{each.Name}" : each.Name) == service))
            .SelectMany(each => each.Method).Select(method => method.Name);
    }

    private static async Task<ServerReflectionResponse> AskAsync(AsyncDuplexStreamingCall<ServerReflectionRequest, ServerReflectionResponse> call, ServerReflectionRequest request)
    {
        await call.RequestStream.WriteAsync(request, Stop);
        Assert.True(await call.ResponseStream.MoveNext(Stop));
        return call.ResponseStream.Current;
    }

    private sealed class CallLog() : DelegatingHandler(new SocketsHttpHandler())
    {
        internal ConcurrentQueue<string> Methods { get; } = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Methods.Enqueue(request.RequestUri!.Segments[^1]);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
