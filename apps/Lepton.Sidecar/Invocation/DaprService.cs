using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Resiliency;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindInvocation(GrpcMethods<DaprService> methods) =>
        methods.Unary<InvokeServiceRequest, InvokeResponse>("InvokeService", static (service, request, call) => service.InvokeAsync(request, call));

    private async Task<InvokeResponse> InvokeAsync(InvokeServiceRequest request, ServerCallContext call)
    {
        var target = Target.Find(sidecar, sidecar.Invoker, request.Id);
        var message = request.Message ?? new InvokeRequest();
        if (InvocationPath.Clean("/" + message.Method, out var path) is { } wrong) throw Failed(request.Id, $"rpc error: code = InvalidArgument desc = invalid method: {wrong}");
        if (target.Refusal is { } refusal) throw Failed(request.Id, refusal);
        var service = new ServiceCall(sidecar, target, message, path, call);
        if (service.Refusal is { } lacking) throw Failed(request.Id, lacking);
        var (outcome, given) = await sidecar.Guards.App(target.Id, path).RunAsync(service.SendAsync, null, call.CancellationToken).ConfigureAwait(false);
        if (given != Refusal.None) throw new RpcException(new Status(given == Refusal.TimedOut ? StatusCode.DeadlineExceeded : StatusCode.Unknown, given.Text()));
        if (outcome!.Response is not { } response) throw new RpcException(outcome.Status, outcome.Metadata);
        await call.WriteResponseHeadersAsync(outcome.Metadata).ConfigureAwait(false);
        return response;
    }

    private static RpcException Failed(string id, string cause) => new(new Status(StatusCode.Internal, $"failed to invoke, id: {id}, err: {cause}"));
}
