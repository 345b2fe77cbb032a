using Lepton.Sidecar.Configurations;
using Lepton.Sidecar.Control;
using Lepton.Sidecar.Actors;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Jobs;
using Lepton.Sidecar.Mqtt;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.State;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Hub;

namespace Lepton.Sidecar.Hosting;

/// <summary>A running set of virtual sidecars in this process.</summary>
internal sealed class EmbeddedRuntime : IAsyncDisposable
{
    private readonly List<WebApplication> hosts = [];
    private readonly RuntimeOptions options;
    private readonly Database durable;
    private readonly ExpirySweep sweep;
    private readonly Lazy<Database> memory = new(Database.InMemory);
    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool crashed;

    private EmbeddedRuntime(RuntimeOptions options, Database database)
    {
        (this.options, durable) = (options, database);
        Brokers = new Brokers(durable, options.Time);
        sweep = new ExpirySweep(durable, options.Time);
        Placement = new Placement(options.Time);
        Reminders = new Reminders(durable, Placement, options.Time, Log);
        Jobs = new JobScheduler(durable, options.Time, Log);
        Configurations = new ConfigurationStores(durable);
        Mqtt = new MqttListeners(this);
        if (options.PeersFolder is { } peers) Peers = new Peers(peers);
    }

    /// <summary>Completes when an app asked its sidecar to shut down, with the exit code it asked for.</summary>
    public Task<int> Ended => ended.Task;

    /// <summary>The port of the control API, 0 without one.</summary>
    public int ControlPort { get; private set; }

    /// <summary>The web servers: those of the sidecars in their order, then the door for other hosts and the control API.</summary>
    internal IReadOnlyList<WebApplication> Hosts => hosts;

    internal TimeProvider Time => options.Time;

    internal TaskHubs TaskHubs { get; } = new();

    /// <summary>The emulated brokers of this run.</summary>
    internal Brokers Brokers { get; }
    internal Placement Placement { get; }

    internal Reminders Reminders { get; }

    internal JobScheduler Jobs { get; }

    internal ConfigurationStores Configurations { get; }

    private MqttListeners Mqtt { get; }

    /// <summary>Other runtimes on this machine, when they are to be found.</summary>
    internal Peers? Peers { get; }

    internal FailedDelivery FailedDelivery => options.FailedDelivery;

    /// <summary>The sidecars of this run by app id.</summary>
    internal Dictionary<string, VirtualSidecar> Sidecars { get; } = [];

    /// <summary>The store of what must survive: jobs, reminders, workflows, emulated brokers.</summary>
    internal Database Durable => durable;

    internal Database DatabaseOf(Component component) => component.InMemory ? memory.Value : durable;

    /// <summary>Starts every sidecar; their ports answer when the task completes, the apps need not run yet.</summary>
    /// <exception cref="RuntimeException">A port is taken or a component is of a type nothing serves; the message says which and what to do.</exception>
    /// <exception cref="StorageException">The state folder cannot be used.</exception>
    public static Task<EmbeddedRuntime> StartAsync(RuntimeOptions options, CancellationToken stop = default) =>
        StartAsync(options, options.StateFolder is { } folder ? Database.Open(folder) : Database.InMemory(), stop);

    private static async Task<EmbeddedRuntime> StartAsync(RuntimeOptions options, Database database, CancellationToken stop)
    {
        var runtime = new EmbeddedRuntime(options, database);
        try
        {
            foreach (var sidecar in options.Sidecars) runtime.Add(sidecar);
            await runtime.Mqtt.OpenAsync().ConfigureAwait(false);
            foreach (var sidecar in runtime.Sidecars.Values) sidecar.Workflows.Recover();
            foreach (var sidecar in runtime.Sidecars.Values) runtime.hosts.Add(await SidecarHost.StartAsync(sidecar, stop).ConfigureAwait(false));
            if (options.ControlPort is { } port)
            {
                var control = await ControlHost.StartAsync(runtime, port, stop).ConfigureAwait(false);
                runtime.hosts.Add(control);
                runtime.ControlPort = SidecarHost.PortsOf(control)[0];
            }
            if (runtime.Peers is { } peers) await runtime.OpenAsync(peers, stop).ConfigureAwait(false);
            foreach (var sidecar in runtime.Sidecars.Values) sidecar.Watch();
            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets the other runtimes of this machine call the apps of this one.</summary>
    private async Task OpenAsync(Peers peers, CancellationToken stop)
    {
        var door = await PeerDoor.StartAsync(this, options.Sidecars[0].InternalPort, stop).ConfigureAwait(false);
        hosts.Add(door);
        try
        {
            foreach (var sidecar in Sidecars.Values) peers.Register(sidecar.AppId, new Peer(SidecarHost.PortsOf(door)[0], sidecar.App.IsGrpc));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log($"other hosts on this machine will not find the apps of this one: folder '{options.PeersFolder}' cannot be written ({fault.Message})");
        }
    }

    /// <summary>The HTTP and gRPC port of an app's sidecar.</summary>
    public (int Http, int Grpc) PortsOf(string appId) => Sidecars[appId].Ports;

    internal void Log(string line) => (options.Log ?? Console.WriteLine)(line);

    internal void End(int exitCode) => ended.TrySetResult(exitCode);

    internal static ResourceSet ReadResources(SidecarOptions options) =>
        ResourceFolder.Read(options.ResourcesPaths, options.Resources, options.ConfigFiles, options.AppId, options.Environment);

    private void Add(SidecarOptions options)
    {
        var resources = ReadResources(options);
        foreach (var component in resources.Components.Values)
            if (StartLines.Refusal(component) is { } refusal) throw new RuntimeException($"App '{options.AppId}': {refusal}");
        var sidecar = new VirtualSidecar(this, options, resources);
        Sidecars.Add(options.AppId, sidecar);
        foreach (var line in StartLines.For(sidecar, durable.File)) Log(line);
    }

    /// <summary>Ends as kill -9 would and starts again on the same ports: what was on disk is there, what was under way is not.</summary>
    internal async Task<EmbeddedRuntime> RestartAsync(CancellationToken stop)
    {
        var ports = Sidecars.ToDictionary(s => s.Key, s => s.Value.Ports);
        crashed = true;
        var store = durable.Crash();
        await DisposeAsync().ConfigureAwait(false);
        var again = options with { Sidecars = [.. options.Sidecars.Select(s => s with { HttpPort = ports[s.AppId].Http, GrpcPort = ports[s.AppId].Grpc })] };
        return await StartAsync(again, store, stop).ConfigureAwait(false);
    }

    /// <summary>How long what is under way may take when all stops; nothing, after a crash.</summary>
    internal TimeSpan Grace(SidecarOptions sidecar) => crashed ? TimeSpan.Zero : sidecar.GracefulShutdown;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Peers?.Dispose();
        await Task.WhenAll(Sidecars.Values.Select(s => s.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(hosts.Select(StopAsync)).ConfigureAwait(false);
        await Mqtt.DisposeAsync().ConfigureAwait(false);
        Reminders.Dispose();
        Placement.Dispose();
        Jobs.Dispose();
        await sweep.DisposeAsync().ConfigureAwait(false);
        durable.Dispose();
        if (memory.IsValueCreated) memory.Value.Dispose();
    }

    /// <summary>After a signal, for as long as the apps asked for: nothing is delivered any more, the health is bad, the APIs still answer.</summary>
    internal async Task BlockAsync()
    {
        var longest = options.Sidecars.Max(s => s.BlockShutdown);
        if (longest <= TimeSpan.Zero) return;
        foreach (var sidecar in Sidecars.Values)
        {
            sidecar.State.Ready = false;
            await sidecar.AppUnhealthyAsync().ConfigureAwait(false);
        }
        await Task.Delay(longest).ConfigureAwait(false);
    }

    private async Task StopAsync(WebApplication host)
    {
        await host.StopAsync(new CancellationToken(canceled: crashed)).ConfigureAwait(false);
        await host.DisposeAsync().ConfigureAwait(false);
    }
}
