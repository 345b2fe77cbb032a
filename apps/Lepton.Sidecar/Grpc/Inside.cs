using Grpc.Core;
using Lepton.Sidecar.Hosting;

namespace Lepton.Sidecar.Grpc;

/// <summary>A call that fails in a way nobody thought of is logged and answered with its cause, not with silence. (Not an interceptor: those cost each call more than its answer.)</summary>
internal sealed class Inside(VirtualSidecar sidecar)
{
    internal async Task<TResponse> AnswerAsync<TService, TRequest, TResponse>(
        Func<TService, TRequest, ServerCallContext, Task<TResponse>> handle, TService target, TRequest request, ServerCallContext call)
    {
        try
        {
            return await handle(target, request, call).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsUnexpected(fault, call))
        {
            throw Told(fault, call);
        }
    }

    internal async Task StreamAsync(Func<Task> handle, ServerCallContext call)
    {
        try
        {
            await handle().ConfigureAwait(false);
        }
        catch (Exception fault) when (IsUnexpected(fault, call))
        {
            throw Told(fault, call);
        }
    }

    private static bool IsUnexpected(Exception fault, ServerCallContext call) => fault is not RpcException && !call.CancellationToken.IsCancellationRequested;

    private RpcException Told(Exception fault, ServerCallContext call)
    {
        sidecar.Runtime.Log($"{sidecar.AppId}: {call.Method} failed inside the runtime: {fault}");
        return new RpcException(new Status(StatusCode.Internal, $"{call.Method} failed inside the runtime: {fault.Message}"));
    }
}
