using System.Collections.Concurrent;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Lepton.Sidecar.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Lepton.Tests.Sidecar;

/// <summary>An app that speaks gRPC: it echoes texts in all four kinds of call, with a trailer, and takes OnInvoke.</summary>
internal sealed class GrpcProbe : IAsyncDisposable
{
    internal const string Service = "lepton.test.Echo";
    private WebApplication? app;

    internal required int Port { get; init; }

    internal ConcurrentQueue<(string Method, Metadata Headers)> Calls { get; } = new();

    internal Func<InvokeRequest, InvokeResponse> OnInvoke { get; set; } = static request => new InvokeResponse { ContentType = request.ContentType, Data = request.Data };

    /// <summary>Answers a unary echo; by default with what came.</summary>
    internal Func<string, CancellationToken, Task<string>> OnUnary { get; set; } = static (text, _) => Task.FromResult(text);

    internal static Method<StringValue, StringValue> Method(MethodType type) => new(type, Service, type.ToString(), GrpcMarshaller<StringValue>.Instance, GrpcMarshaller<StringValue>.Instance);

    internal async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(Port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(static grpc => (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (null, null));
        builder.Services.AddSingleton(this);
        builder.Services.AddSingleton<EchoService>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<EchoService>, EchoBinder>());
        app = builder.Build();
        app.MapGrpcService<EchoService>();
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
    }
}

internal sealed class EchoService(GrpcProbe probe)
{
    internal void Note(ServerCallContext call)
    {
        probe.Calls.Enqueue((call.Method, call.RequestHeaders));
        call.ResponseTrailers.Add("echo-trailer", "done");
    }

    internal async Task<StringValue> EchoAsync(string text, ServerCallContext call) => new() { Value = await probe.OnUnary(text, call.CancellationToken) };

    internal InvokeResponse Invoke(InvokeRequest request) => probe.OnInvoke(request);
}

internal sealed class EchoBinder : IServiceMethodProvider<EchoService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<EchoService> context)
    {
        object[] none = [];
        context.AddUnaryMethod(GrpcProbe.Method(MethodType.Unary), none, (service, request, call) =>
        {
            service.Note(call);
            if (request.Value == "fail") throw new RpcException(new Status(StatusCode.FailedPrecondition, "not today: ü"));
            return service.EchoAsync(request.Value, call);
        });
        context.AddServerStreamingMethod(GrpcProbe.Method(MethodType.ServerStreaming), none, async (service, request, stream, call) =>
        {
            service.Note(call);
            if (request.Value == "hang") await Task.Delay(Timeout.Infinite, call.CancellationToken);
            for (var i = 0; i < 3; i++) await stream.WriteAsync(new StringValue { Value = request.Value + i });
        });
        context.AddClientStreamingMethod(GrpcProbe.Method(MethodType.ClientStreaming), none, async (service, requests, call) =>
        {
            service.Note(call);
            var texts = new List<string>();
            await foreach (var request in requests.ReadAllAsync()) texts.Add(request.Value);
            return new StringValue { Value = string.Join(',', texts) };
        });
        context.AddDuplexStreamingMethod(GrpcProbe.Method(MethodType.DuplexStreaming), none, async (service, requests, stream, call) =>
        {
            service.Note(call);
            await foreach (var request in requests.ReadAllAsync()) await stream.WriteAsync(request);
        });
        context.AddUnaryMethod(new Method<InvokeRequest, InvokeResponse>(MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "OnInvoke", GrpcMarshaller<InvokeRequest>.Instance, GrpcMarshaller<InvokeResponse>.Instance), none, (service, request, call) =>
        {
            service.Note(call);
            return Task.FromResult(service.Invoke(request));
        });
    }
}
