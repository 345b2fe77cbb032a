using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Health;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindHealth(GrpcMethods<DaprService> methods)
    {
        methods.Unary<GetMetadataRequest, GetMetadataResponse>("GetMetadata", static (service, _, _) => Task.FromResult(SidecarMetadata.Of(service.sidecar)));
        methods.Unary<SetMetadataRequest, Empty>("SetMetadata", static (service, request, _) => service.SetMetadata(request));
        methods.Unary<ShutdownRequest, Empty>("Shutdown", static (service, _, call) => service.Shutdown(call));
    }

    private Task<Empty> SetMetadata(SetMetadataRequest request)
    {
        if (request.Key.Length > 0) sidecar.Extended[request.Key] = request.Value;
        return Task.FromResult(new Empty());
    }

    private Task<Empty> Shutdown(ServerCallContext call)
    {
        ShutdownRoutes.End(sidecar, ShutdownRoutes.IsForced(call.RequestHeaders.GetValue("dapr-force-shutdown")));
        return Task.FromResult(new Empty());
    }
}
