using Dapr.DurableTask.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Lepton.SystemTests.Sidecar.Programs;

/// <summary>
/// Between worker and runtime: delays answers and sends some of them twice, the second time at once or a good while later, with the runtime's completion tokens or without.
/// </summary>
internal sealed class Meddler(bool sendsTokens) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        if (request is not ActivityResponse && request is not WorkflowResponse) return continuation(request, context);
        if (!sendsTokens)
        {
            (request as WorkflowResponse)?.CompletionToken = "";
            (request as ActivityResponse)?.CompletionToken = "";
        }
        return new AsyncUnaryCall<TResponse>(SendAsync(() => continuation(request, context)), Task.FromResult(new Metadata()), static () => Status.DefaultSuccess, static () => [], static () => { });
    }

    private static async Task<T> SendAsync<T>(Func<AsyncUnaryCall<T>> send)
    {
        if (Random.Shared.Next(6) == 0) await Task.Delay(Random.Shared.Next(100));
        if (Random.Shared.Next(3) == 0) _ = AgainAsync(send, Random.Shared.Next(3) * Random.Shared.Next(100));
        return await send();
    }

    private static async Task AgainAsync<T>(Func<AsyncUnaryCall<T>> send, int later)
    {
        await Task.Delay(later);
        try
        {
            await send();
        }
        catch (RpcException)
        {
            // The runtime is down: then this one is not sent twice.
        }
    }
}
