using Lepton.Cli.Page;
using Lepton.Cli.Pipelines;

namespace Lepton.Cli.Supervision;

/// <summary>One `lepton up`: starts the children in order, lets events flow, drains, sums up, ends the children.</summary>
internal sealed class UpSession : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly UpOptions options;
    private readonly LocalFolder folder;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly RuntimeControl control;
    private readonly RunPlan plan;
    private readonly RunLock runLock;
    private readonly Monitor monitor;
    private readonly IDisplay display;
    private readonly DiskWatch disk;
    private readonly List<ChildApp> children = [];
    private readonly IReadOnlyList<Feed> feeds;

    public UpSession(UpOptions options, PipelineCatalog catalog)
    {
        this.options = options;
        feeds = options.Feeds.Resolve(catalog);
        folder = LocalFolder.Current().Prepare();
        control = new RuntimeControl(http, options.ControlPort);
        plan = new RunPlan(http, folder, options.File, options.ControlPort, options.FailedDelivery);
        runLock = RunLock.Take(folder);
        (int, string, string)[] ports = [(options.PagePort, "the page of `up`", "--page-port"), .. plan.Ports()];
        if (runLock.PredecessorWasKilled)
        {
            Ports.Await(ports, TimeSpan.FromSeconds(15));
        }

        Ports.Check(ports);
        runLock.Begin();
        monitor = new Monitor(http, plan.CheckerAddress, plan.EdgeAddress, control, folder.BeginRun(DateTimeOffset.UtcNow));
        disk = new DiskWatch(folder.Root, monitor.Note);
        display = Displays.For(options.Json);
        monitor.Noted += display.Note;
    }

    /// <summary>Runs to the end and gives the exit code. <paramref name="interrupt"/> ends the flow of events; a second interrupt ends all at once.</summary>
    public async Task<int> RunAsync(Interrupt interrupt)
    {
        try
        {
            var sources = new PageSources(monitor, control, http, plan.CheckerAddress, new PayloadFiles(folder.Recent));
            await using var page = await PageServer.StartAsync(sources, options.PagePort, interrupt.Now);
            monitor.Note($"starting; the page is {page.Address}");
            await StartAsync(interrupt.Soon);
            await FlowAsync(interrupt);
            await DrainAsync(interrupt.Now);
            if (monitor.Settled != Settlement.TimeUp)
            {
                // While work goes on, twins and gates are ahead of what has been seen: nothing could be compared.
                await monitor.AuditAsync(interrupt.Now);
            }

            await monitor.RefreshAsync(interrupt.Now);
            monitor.Phase = "ended";
            var state = monitor.State();
            display.Sum(state);
            return Judge(state);
        }
        catch (OperationCanceledException) when (interrupt.Soon.IsCancellationRequested)
        {
            monitor.Note("interrupted before the end");
            return CommandException.Failed;
        }
        finally
        {
            await EndAllAsync();
        }
    }

    public void Dispose()
    {
        children.ForEach(child => child.Dispose());
        display.Dispose();
        http.Dispose();
        runLock.Dispose();
    }

    private async Task StartAsync(CancellationToken stop)
    {
        await ReadyAsync([Start(plan.Runtime)], stop);
        await ReadyAsync([.. plan.Nodes.Select(Start)], stop);
        await ReadyAsync([Start(plan.Check)], stop);
        var served = await NodeStatus.ServedAsync(http, plan.EdgeAddress, stop);
        await ReadyAsync([Start(plan.Generate(served.Choose(options.Feeds, feeds, monitor.Note).ToArguments()))], stop);
    }

    private async Task FlowAsync(Interrupt interrupt)
    {
        monitor.BeginFlow();
        monitor.Phase = "running";
        monitor.Note(options.For is { } length ? $"events flow for {length.TotalSeconds:0} s" : "events flow until Ctrl-C");
        var devices = children[^1];
        var switches = new UplinkSwitches(options, control, monitor);
        while (!interrupt.Soon.IsCancellationRequested && !devices.Ended.IsCompletedSuccessfully && monitor.State().Seconds is var seconds && !(seconds >= options.For?.TotalSeconds))
        {
            await switches.TurnAsync(TimeSpan.FromSeconds(seconds), interrupt.Now);
            await WatchAsync(interrupt.Now);
        }

        await devices.EndAsync();
        monitor.EndFlow();
        await switches.RestoreIfDueAsync(interrupt.Now);
    }

    private async Task DrainAsync(CancellationToken now)
    {
        monitor.Phase = "draining";
        var drain = new Drain(options.Drain, TimeProvider.System);
        while (true)
        {
            await WatchAsync(now);
            if (drain.Look(monitor.Figures, monitor.UplinkCut) is var settlement and not Settlement.Open)
            {
                monitor.Settle(settlement);
                monitor.Note(drain.Sentence(settlement));
                return;
            }
        }
    }

    /// <summary>One look at everything; a child that has been given up on ends the run.</summary>
    private async Task WatchAsync(CancellationToken now)
    {
        await monitor.RefreshAsync(now);
        display.Show(monitor.State());
        disk.Look();
        if (children.FirstOrDefault(child => child.Ended.IsFaulted) is { } failed)
        {
            await failed.Ended;
        }

        await Task.Delay(Tick, now);
    }

    private int Judge(RunState state)
    {
        var (lost, duplicated) = (state.Pipelines.Values.Sum(pipeline => pipeline.Lost), state.Pipelines.Values.Sum(pipeline => pipeline.Duplicated));
        display.Note($"{lost} lost, {duplicated} duplicated; the logs are in {folder.Logs}");
        return lost + duplicated > 0 || (state.Drained is false && !state.UplinkCut) ? CommandException.Failed : 0;
    }

    private ChildApp Start(ChildPlan child)
    {
        var app = new ChildApp(child, folder.Logs, monitor.Note);
        children.Add(app);
        monitor.Add(app);
        app.Start();
        return app;
    }

    private static async Task ReadyAsync(IReadOnlyList<ChildApp> apps, CancellationToken stop)
    {
        foreach (var app in apps)
        {
            await app.Ready.WaitAsync(stop);
        }
    }

    private async Task EndAllAsync()
    {
        // Devices and checker first, the runtime last: nobody loses the sidecar under its feet.
        foreach (var child in children.AsEnumerable().Reverse())
        {
            await child.EndAsync();
        }
    }
}
