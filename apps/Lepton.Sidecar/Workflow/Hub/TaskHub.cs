using System.Collections.Concurrent;
using Google.Protobuf;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>
/// The workflow engine of one app. Every transition of an instance is one write of the runtime's writer; memory holds the live instances and runs ahead of the
/// disk only by writes that are queued in the same order, so nothing is acted on or acknowledged before its commit. This part keeps the instances;
/// the others are turns, activities, wakes, messages between instances, and the client's calls.
/// </summary>
internal sealed partial class TaskHub : IDisposable
{
    // Instances nothing happens to are read again when needed; this many stay in memory.
    private const int IdleLimit = 1024;

    private readonly ConcurrentDictionary<string, LiveInstance> instances = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<LiveInstance> idle = new();
    private readonly CancellationTokenSource stop = new();
    private readonly StateWaits waits = new();
    private readonly WorkQueue queue;
    private readonly Outage outage;
    private readonly Purger purger;
    private readonly WorkflowSettings settings;
    private readonly WakeQueue<string> wakes;
    private readonly WorkflowStore store;
    private readonly Database database;
    private readonly Clock clock;
    private readonly TaskHubs hubs;
    private readonly long maxMessage;
    private readonly Action<string> log;

    internal TaskHub(string appId, Database database, TaskHubs hubs, TimeProvider time, long maxMessage, Action<string> log, WorkflowSettings? settings = null)
    {
        this.settings = settings ?? new WorkflowSettings();
        (AppId, this.database, this.hubs, this.log) = (appId, database, hubs, log);
        this.maxMessage = maxMessage;
        clock = new Clock(time);
        store = new WorkflowStore(database, appId);
        queue = new WorkQueue(this.settings);
        outage = new Outage(appId, time, log);
        purger = new Purger(store, time, PurgeOldAsync);
        wakes = new WakeQueue<string>(time, Wake);
    }

    internal string AppId { get; }

    /// <summary>Whether the app has a state store for actors, without which daprd serves no workflows.</summary>
    internal Func<bool> HasStore { get; init; } = static () => true;

    /// <summary>Whether a full page of instance ids has a token though it is the last one, as with some of daprd's stores.</summary>
    internal Func<bool> FullPageGoesOn { get; init; } = static () => false;

    internal int Workers => queue.Workers;

    /// <summary>The instances in memory that have not ended.</summary>
    internal int OpenInstances => instances.Values.Count(static instance =>
    {
        lock (instance.Gate) return instance is { Exists: true, Finished: false };
    });

    internal int OpenActivities => dispatched.Count;

    /// <summary>Takes up everything that was open when the runtime last ended.</summary>
    internal void Recover()
    {
        store.Begin();
        foreach (var row in store.OpenRows())
        {
            if (row.Wake is { } wake) wakes.Set(row.Id, wake);
            if (row.HasWork) Resume(row.Id);
        }
        foreach (var message in store.Messages()) _ = DeliverAsync(message);
        purger.Look();
    }

    private void Resume(string id) => With(id, instance =>
    {
        foreach (var task in instance.Open.Tasks.Values) Dispatch(instance, task);
        SetWake(instance);
        Ready(instance);
        return true;
    });

    private T With<T>(string id, Func<LiveInstance, T> act)
    {
        while (true)
        {
            var instance = instances.GetOrAdd(id, static name => new LiveInstance(name));
            T result;
            lock (instance.Gate)
            {
                if (instance.Retired) continue;
                Load(instance);
                result = act(instance);
                if (!instance.InIdleList)
                {
                    instance.InIdleList = true;
                    idle.Enqueue(instance);
                }
            }
            Trim();
            return result;
        }
    }

    private void Load(LiveInstance instance)
    {
        if (instance.Loaded) return;
        try
        {
            instance.Load(store.Load(instance.Id));
        }
        catch
        {
            Retire(instance);
            throw;
        }
    }

    private void Trim()
    {
        while (idle.Count > IdleLimit && idle.TryDequeue(out var instance))
        {
            lock (instance.Gate)
            {
                instance.InIdleList = false;
                if (instance.Idle) Retire(instance);
            }
        }
    }

    private void Retire(LiveInstance instance)
    {
        instance.Retired = true;
        instances.TryRemove(new KeyValuePair<string, LiveInstance>(instance.Id, instance));
    }

    /// <summary>Queues a write of <paramref name="instance"/>, whose gate the caller holds: the writer keeps the order of calls.</summary>
    private Task Persist(LiveInstance instance, Action<WriteTransaction> write) => instance.LastWrite = PersistAsync(instance, write);

    private async Task PersistAsync(LiveInstance instance, Action<WriteTransaction> write)
    {
        try
        {
            await database.WriteAsync(write).ConfigureAwait(false);
            outage.Stored();
        }
        catch (Exception fault) when (fault is StorageException or InvalidOperationException)
        {
            Break(instance, fault);
            throw;
        }
    }

    // Memory is ahead of a disk that refused: forget it, and go on from what is stored.
    private void Break(LiveInstance instance, Exception fault)
    {
        lock (instance.Gate)
        {
            if (instance.Retired) return;
            Retire(instance);
            if (instance.InHand is { } hand) queue.Forget(hand.Work);
            while (instance.Deferred.TryDequeue(out var call)) call.Fail(fault);
        }
        _ = ResumeLaterAsync(instance.Id, PauseAfter(instance.Id, fault));
    }

    private TimeSpan PauseAfter(string id, Exception fault)
    {
        if (fault is StorageException refused) return stop.IsCancellationRequested ? TimeSpan.Zero : outage.Refused(refused);
        log($"Workflow instance '{id}': {fault.Message}");
        return TimeSpan.FromSeconds(1);
    }

    private async Task ResumeLaterAsync(string id, TimeSpan pause)
    {
        while (await PausedAsync(pause).ConfigureAwait(false))
        {
            try
            {
                Resume(id);
                return;
            }
            catch (StorageException fault)
            {
                pause = outage.Refused(fault);
            }
        }
    }

    /// <returns>False when the hub stops.</returns>
    private async Task<bool> PausedAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, clock.Provider, stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Task Append(LiveInstance instance, HistoryEvent entry, Action<WriteTransaction>? also = null)
    {
        var accepted = instance.Accept(entry);
        var (key, bytes) = (instance.Key, entry.ToByteArray());
        var written = Persist(instance, write =>
        {
            WorkflowStore.AddToInbox(write, key, accepted.Seq, bytes);
            also?.Invoke(write);
        });
        Ready(instance);
        return written;
    }

    private Task Create(LiveInstance instance, HistoryEvent started, PropagatedHistory? received = null, Action<WriteTransaction>? also = null)
    {
        var old = instance.Key;
        instance.Reset(WorkflowStore.NewKey(), received);
        var entry = instance.Accept(started);
        var (key, wake, bytes) = (instance.Key, instance.NextWake(), started.ToByteArray());
        var written = Persist(instance, write =>
        {
            if (old != 0) WorkflowStore.Delete(write, old);
            store.Create(write, key, instance.Id, wake, received);
            WorkflowStore.AddToInbox(write, key, entry.Seq, bytes);
            also?.Invoke(write);
        });
        SetWake(instance);
        Ready(instance);
        return written;
    }

    private static WorkflowState? StateOf(LiveInstance instance) => instance.Exists ? StateReport.Of(instance.Id, instance.History, instance.CustomStatus) : null;

    public void Dispose()
    {
        stop.Cancel();
        wakes.Dispose();
        purger.Dispose();
    }
}
