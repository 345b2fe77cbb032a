using Grpc.AspNetCore.Server.Model;
using Lepton.Sidecar.Bindings;
using Lepton.Sidecar.Configurations;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Jobs;
using Lepton.Sidecar.Locks;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Secrets;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.Grpc;

/// <summary>The gRPC API of one sidecar. Each feature's folder holds its own part of this class with its `BindX`.</summary>
internal sealed partial class DaprService(VirtualSidecar sidecar, StateApi state, PublishApi publish, SubscriptionSet subscriptions, SecretApi secrets, BindingSet bindings, JobApi jobs, LockApi locks, ConfigurationApi configurations)
{
    private readonly VirtualSidecar sidecar = sidecar;
    private readonly StateApi state = state;
    private readonly PublishApi publish = publish;
    private readonly SubscriptionSet subscriptions = subscriptions;
    private readonly SecretApi secrets = secrets;
    private readonly BindingSet bindings = bindings;
    private readonly JobApi jobs = jobs;
    private readonly LockApi locks = locks;
    private readonly ConfigurationApi configurations = configurations;

    internal const string Name = "dapr.proto.runtime.v1.Dapr";
}

/// <summary>The table of what the gRPC API offers; anything else answers Unimplemented.</summary>
internal sealed class DaprBinder(Inside inside) : IServiceMethodProvider<DaprService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprService> context)
    {
        var methods = new GrpcMethods<DaprService>(context, DaprService.Name, inside);
        DaprService.BindHealth(methods);
        DaprService.BindInvocation(methods);
        DaprService.BindPubSub(methods);
        DaprService.BindState(methods);
        DaprService.BindSecrets(methods);
        DaprService.BindBindings(methods);
        DaprService.BindJobs(methods);
        DaprService.BindLocks(methods);
        DaprService.BindConfigurations(methods);
        DaprService.BindActors(methods);
        DaprService.BindWorkflows(methods);
    }
}
