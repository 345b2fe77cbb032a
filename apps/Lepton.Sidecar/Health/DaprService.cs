using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindProcess(GrpcMethods<DaprService> methods)
    {
        methods.Unary<GetMetadataRequest, GetMetadataResponse>("GetMetadata", static (service, _, _) => service.GetMetadata());
    }

    private Task<GetMetadataResponse> GetMetadata() => Task.FromResult(new GetMetadataResponse { Id = sidecar.AppId });
}
