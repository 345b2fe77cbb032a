using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Deletes finished instances when the retention policy says so. When each is due stands in its row, so a restart forgets none.</summary>
internal sealed class Purger : IDisposable
{
    private const int Step = 500;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), AfterFault = TimeSpan.FromSeconds(30), Longest = TimeSpan.FromDays(30);

    private readonly Lock gate = new();
    private readonly WorkflowStore store;
    private readonly TimeProvider time;
    private readonly Func<string, long, Task> purge;
    private readonly ITimer timer;
    private DateTimeOffset armed = DateTimeOffset.MaxValue;
    private bool ended;

    /// <param name="store">Knows which are due.</param>
    /// <param name="time">The clock.</param>
    /// <param name="purge">Deletes an instance by id, if it still is the one with the key.</param>
    internal Purger(WorkflowStore store, TimeProvider time, Func<string, long, Task> purge)
    {
        (this.store, this.time, this.purge) = (store, time, purge);
        timer = time.CreateTimer(_ => _ = RingAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks in the store when the next one is due.</summary>
    internal void Look()
    {
        if (store.NextPurge() is { } at) Note(at);
    }

    /// <summary>Some instance is due then.</summary>
    internal void Note(DateTimeOffset at)
    {
        lock (gate)
        {
            if (ended || at >= armed) return;
            armed = at;
            var wait = at - time.GetUtcNow();
            timer.Change(wait < Shortest ? Shortest : wait > Longest ? Longest : wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private async Task RingAsync()
    {
        lock (gate) armed = DateTimeOffset.MaxValue;
        try
        {
            while (!ended)
            {
                var due = store.DueForPurge(time.GetUtcNow(), Step);
                foreach (var (id, key) in due) await purge(id, key).ConfigureAwait(false);
                if (due.Count < Step) break;
            }
            if (!ended) Look();
        }
        catch (Exception fault) when (fault is StorageException or ObjectDisposedException)
        {
            Note(time.GetUtcNow() + AfterFault);
        }
    }

    public void Dispose()
    {
        lock (gate) ended = true;
        timer.Dispose();
    }
}
