using System.Collections.Concurrent;
using Lepton.Sidecar.Actors;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.State;
using Lepton.Sidecar.Workflow.Hub;

namespace Lepton.Sidecar.Hosting;

/// <summary>The sidecar of one app: its ports, its components and its way to the app.</summary>
internal sealed class VirtualSidecar : IAsyncDisposable
{
    private readonly List<Func<CancellationToken, Task>> starts = [];
    private readonly List<Func<Task>> stops = [];
    private readonly List<Func<CancellationToken, Task>> reloads = [];
    private readonly CancellationTokenSource stopping = new();
    private Task watch = Task.CompletedTask;
    private HotReload? hotReload;

    internal VirtualSidecar(EmbeddedRuntime runtime, SidecarOptions options, ResourceSet resources)
    {
        (Runtime, Options, Resources) = (runtime, options, resources);
        App = new AppChannel(options);
        Guards = new Guards(resources.Resiliencies, runtime.Time);
        Invoker = new Invoker(this);
        Workflows = new TaskHub(options.AppId, runtime.Durable, runtime.TaskHubs, runtime.Time, options.MaxBodySize, runtime.Log, resources.Configuration.Workflow)
        {
            HasStore = () => ActorStore is not null,
            FullPageGoesOn = () => Resources.Components.Values.FirstOrDefault(c => c.HoldsActors) is { Type: "state.sqlite" },
        };
        runtime.TaskHubs.Add(Workflows);
        ConnectedWorkers = () => Workflows.Workers;
        Actors = new ActorHost(this, runtime.Placement, runtime.Time);
        StateStores = OpenStores();
    }

    // A store is where its component's connection points to: opened anew it finds what the one before left.
    private Dictionary<string, StateStore> OpenStores() => Resources.Components.Values.Where(c => c.Family == "state").ToDictionary(
        c => c.Name, c => new StateStore(c.Name, World.Of(c, AppId), Runtime.DatabaseOf(c), Runtime.Time) { ChecksFirst = c.InMemory });

    internal EmbeddedRuntime Runtime { get; }

    internal SidecarOptions Options { get; }

    internal string AppId => Options.AppId;

    /// <summary>The namespace of all apps of this machine.</summary>
    internal static string Namespace => Environment.GetEnvironmentVariable("NAMESPACE") is { Length: > 0 } space ? space : "default";

    internal ResourceSet Resources { get; }

    internal AppChannel App { get; }

    internal Guards Guards { get; }

    internal Invoker Invoker { get; }

    internal AppState State { get; } = new();

    /// <summary>The ports really bound.</summary>
    internal (int Http, int Grpc) Ports { get; set; }

    /// <summary>What SetMetadata put in.</summary>
    internal ConcurrentDictionary<string, string> Extended { get; } = new();

    /// <summary>What the app subscribes to now.</summary>
    internal Func<IReadOnlyList<Subscription>> SubscriptionList { get; set; } = static () => [];

    /// <summary>Active actors by type, for the metadata API; the actors' feature sets it.</summary>
    internal Func<IReadOnlyDictionary<string, int>> ActiveActors { get; set; } = static () => new Dictionary<string, int>();

    /// <summary>Workflow workers connected now; the workflow feature sets it.</summary>
    internal Func<int> ConnectedWorkers { get; set; } = static () => 0;

    internal TaskHub Workflows { get; }

    internal ActorHost Actors { get; }

    /// <summary>State components of this app by name.</summary>
    internal Dictionary<string, StateStore> StateStores { get; private set; }

    /// <summary>The store that holds actors and workflows (metadata actorStateStore "true"), if one is configured.</summary>
    internal StateStore? ActorStore => Resources.Components.Values.FirstOrDefault(c => c.HoldsActors) is { } component
        ? StateStores[component.Name]
        : null;

    /// <summary>Cancelled when the sidecar stops.</summary>
    internal CancellationToken Stopping => stopping.Token;

    /// <summary>Sends an HTTP request to the app; one that speaks gRPC gets it as a call of OnInvoke.</summary>
    internal Task<HttpResponseMessage> SendToAppAsync(HttpRequestMessage request, CancellationToken stop) =>
        App.IsGrpc ? GrpcInvocation.SendAsync(App, request, stop) : App.SendAsync(request, stop);

    /// <summary>Runs each time the app becomes healthy (the first time when it listens): read its configuration, begin deliveries.</summary>
    internal void WhenAppHealthy(Func<CancellationToken, Task> start) => starts.Add(start);

    /// <summary>Runs when the app becomes unhealthy or the sidecar stops: no more calls to the app after its task.</summary>
    internal void WhenAppUnhealthy(Func<Task> stop) => stops.Add(stop);

    /// <summary>Runs after components and subscriptions have changed: drop what was made of them and make it anew.</summary>
    internal void WhenReloaded(Func<CancellationToken, Task> reload) => reloads.Add(reload);

    /// <summary>Begins to wait for the app, and to follow the resource files; to be called once the ports answer.</summary>
    internal void Watch()
    {
        watch = new AppWatch(this).RunAsync(Stopping);
        hotReload = HotReload.Of(this);
    }

    /// <summary>Takes changed components and subscriptions; what the app is delivered pauses meanwhile.</summary>
    internal async Task<IReadOnlyList<string>> ReloadAsync(ResourceSet next)
    {
        var changes = Resources.Take(next);
        if (changes.Count == 0) return changes;
        StateStores = OpenStores();
        foreach (var reload in reloads) await reload(Stopping).ConfigureAwait(false);
        return changes;
    }

    internal async Task AppHealthyAsync()
    {
        State.Healthy = true;
        foreach (var start in starts) await start(Stopping).ConfigureAwait(false);
    }

    internal async Task AppUnhealthyAsync()
    {
        State.Healthy = false;
        foreach (var stop in stops) await stop().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await AppUnhealthyAsync().ConfigureAwait(false);
        await stopping.CancelAsync().ConfigureAwait(false);
        await watch.ConfigureAwait(false);
        if (hotReload is not null) await hotReload.DisposeAsync().ConfigureAwait(false);
        App.Dispose();
        Invoker.Dispose();
        stopping.Dispose();
        Actors.Dispose();
        Workflows.Dispose();
    }
}
