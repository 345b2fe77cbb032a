using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Lepton.Sidecar.Actors;
using Lepton.Sidecar.Bindings;
using Lepton.Sidecar.Configurations;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Health;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Jobs;
using Lepton.Sidecar.Locks;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Secrets;
using Lepton.Sidecar.State;
using Lepton.Sidecar.Workflow;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Lepton.Sidecar.Hosting;

/// <summary>The one table of what a sidecar serves. A feature adds its line to each of the three lists it needs.</summary>
internal static class Features
{
    /// <summary>Services: gRPC binders and one instance of each gRPC service.</summary>
    internal static void AddServices(IServiceCollection services, VirtualSidecar sidecar)
    {
        services.AddSingleton(sidecar);
        services.AddSingleton<Inside>();
        var subscriptions = new SubscriptionSet(sidecar);
        services.AddSingleton(subscriptions);
        services.AddSingleton(new PublishApi(sidecar, subscriptions));
        services.AddSingleton(new StateApi(sidecar));
        services.AddSingleton(new SecretApi(sidecar));
        services.AddSingleton(_ => new BindingSet(sidecar));
        services.AddSingleton(new JobApi(sidecar));
        services.AddSingleton(new LockApi(sidecar));
        services.AddSingleton(new ConfigurationApi(sidecar));
        services.AddSingleton(sidecar.Invoker);
        services.AddSingleton<DaprService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<DaprService>, DaprBinder>());
        services.AddSingleton<TaskHubService>();
        // A worker whose answer were refused would log that and go on, and its instance wait for ever; the hub takes one of any size and fails the instance with a clear text.
        services.Configure<GrpcServiceOptions<TaskHubService>>(options => options.MaxReceiveMessageSize = null);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<TaskHubService>, TaskHubBinder>());
        services.AddSingleton<ReflectionService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<ReflectionService>, ReflectionBinder>());
    }

    /// <summary>Routes, HTTP and gRPC.</summary>
    internal static void Map(IEndpointRouteBuilder routes, VirtualSidecar sidecar)
    {
        routes.MapGrpcService<DaprService>();
        routes.MapHealth(sidecar);
        routes.MapMetadata(sidecar);
        routes.MapShutdown(sidecar);
        routes.MapInvoke(sidecar.Invoker);
        routes.MapPublish(sidecar, routes.ServiceProvider.GetRequiredService<PublishApi>());
        routes.MapState(sidecar, routes.ServiceProvider.GetRequiredService<StateApi>());
        routes.MapSecrets(routes.ServiceProvider.GetRequiredService<SecretApi>());
        routes.MapBindings(sidecar, routes.ServiceProvider.GetRequiredService<BindingSet>());
        routes.MapJobs(sidecar, routes.ServiceProvider.GetRequiredService<JobApi>());
        routes.MapLocks(sidecar, routes.ServiceProvider.GetRequiredService<LockApi>());
        routes.MapConfigurations(routes.ServiceProvider.GetRequiredService<ConfigurationApi>());
        routes.MapActors(sidecar);
        routes.MapGrpcService<TaskHubService>();
        routes.MapWorkflows(sidecar);
        routes.MapGrpcService<ReflectionService>();
    }
}
