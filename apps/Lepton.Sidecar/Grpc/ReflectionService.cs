using Dapr.Client.Autogen.Grpc.v1;
using Grpc.AspNetCore.Server.Model;
using Grpc.Reflection;
using Lepton.Sidecar.Workflow;
using Lepton.Sidecar.Workflow.Protos;
using Old = Grpc.Reflection.V1Alpha;
using V1 = Grpc.Reflection.V1;

namespace Lepton.Sidecar.Grpc;

/// <summary>
/// Server reflection, as daprd has it: grpcurl lists and calls without protos, and the official .NET SDK asks it which methods there are. Where nobody answers,
/// that SDK asks anew before each bulk publish, job and configuration call.
/// </summary>
internal sealed class ReflectionService
{
    internal const string Name = "grpc.reflection.v1.ServerReflection", OldName = "grpc.reflection.v1alpha.ServerReflection";

    private static readonly string[] Services = [TaskHubService.Name, DaprService.Name, Name, OldName];

    // Made with the first question: the descriptors of all messages are read for it.
    private static readonly Lazy<SymbolRegistry> Symbols = new(static () =>
        SymbolRegistry.FromFiles([DaprReflection.Descriptor, TaskhubReflection.Descriptor, V1.ReflectionReflection.Descriptor, Old.ReflectionReflection.Descriptor]));

    private readonly Lazy<ReflectionV1ServiceImpl> service = new(static () => new ReflectionV1ServiceImpl(Services, Symbols.Value));
    private readonly Lazy<ReflectionServiceImpl> old = new(static () => new ReflectionServiceImpl(Services, Symbols.Value));

    internal static void Bind(ServiceMethodProviderContext<ReflectionService> context, Inside inside)
    {
        const string method = "ServerReflectionInfo";
        new GrpcMethods<ReflectionService>(context, Name, inside).Duplex<V1.ServerReflectionRequest, V1.ServerReflectionResponse>(method,
            static (service, requests, answers, call) => service.service.Value.ServerReflectionInfo(requests, answers, call));
        new GrpcMethods<ReflectionService>(context, OldName, inside).Duplex<Old.ServerReflectionRequest, Old.ServerReflectionResponse>(method,
            static (service, requests, answers, call) => service.old.Value.ServerReflectionInfo(requests, answers, call));
    }
}

internal sealed class ReflectionBinder(Inside inside) : IServiceMethodProvider<ReflectionService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<ReflectionService> context) => ReflectionService.Bind(context, inside);
}
