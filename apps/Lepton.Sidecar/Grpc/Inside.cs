using Grpc.Core;
using Grpc.Core.Interceptors;
using Lepton.Sidecar.Hosting;

namespace Lepton.Sidecar.Grpc;

/// <summary>A call that fails in a way nobody thought of is logged and answered with its cause, not with silence.</summary>
internal sealed class Inside(VirtualSidecar sidecar) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsUnexpected(fault, context))
        {
            throw Told(fault, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsUnexpected(fault, context))
        {
            throw Told(fault, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsUnexpected(fault, context))
        {
            throw Told(fault, context);
        }
    }

    private static bool IsUnexpected(Exception fault, ServerCallContext context) => fault is not RpcException && !context.CancellationToken.IsCancellationRequested;

    private RpcException Told(Exception fault, ServerCallContext context)
    {
        sidecar.Runtime.Log($"{sidecar.AppId}: {context.Method} failed inside the runtime: {fault}");
        return new RpcException(new Status(StatusCode.Internal, $"{context.Method} failed inside the runtime: {fault.Message}"));
    }
}
