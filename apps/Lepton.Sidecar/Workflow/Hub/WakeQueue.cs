namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Calls back with an instance id when its time has come. Times may be noted more than once; waking an instance that has nothing due does no harm.</summary>
internal sealed class WakeQueue : IDisposable
{
    // Timers of the system cannot wait longer than about 49 days.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private readonly PriorityQueue<string, DateTimeOffset> queue = new();
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Action<string> wake;
    private readonly ITimer timer;
    private DateTimeOffset armed = DateTimeOffset.MaxValue;

    internal WakeQueue(TimeProvider time, Action<string> wake)
    {
        (this.time, this.wake) = (time, wake);
        timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal void Set(string id, DateTimeOffset at)
    {
        lock (gate)
        {
            queue.Enqueue(id, at);
            if (at < armed) Arm(at);
        }
    }

    private void Arm(DateTimeOffset at)
    {
        armed = at;
        var wait = at - time.GetUtcNow();
        if (wait > Longest) wait = Longest;
        // One millisecond more than the difference: a timer that rings early would find nothing due.
        timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private void Ring()
    {
        var due = new List<string>();
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (queue.TryPeek(out var id, out var at) && at <= now)
            {
                queue.Dequeue();
                due.Add(id);
            }
            armed = DateTimeOffset.MaxValue;
            if (queue.TryPeek(out _, out var next)) Arm(next);
        }
        foreach (var id in due) wake(id);
    }

    public void Dispose() => timer.Dispose();
}
