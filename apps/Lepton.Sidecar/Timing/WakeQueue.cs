namespace Lepton.Sidecar.Timing;

/// <summary>Calls back with an item when its time has come. Times may be noted more than once; whoever is woken looks for itself what is due.</summary>
internal sealed class WakeQueue<T> : IDisposable
{
    // Timers of the system cannot wait longer than about 49 days.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private readonly PriorityQueue<T, DateTimeOffset> queue = new();
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Action<T> wake;
    private readonly ITimer timer;
    private DateTimeOffset armed = DateTimeOffset.MaxValue;

    internal WakeQueue(TimeProvider time, Action<T> wake)
    {
        (this.time, this.wake) = (time, wake);
        timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal void Set(T item, DateTimeOffset at)
    {
        lock (gate)
        {
            queue.Enqueue(item, at);
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
        var due = new List<T>();
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (queue.TryPeek(out var item, out var at) && at <= now)
            {
                queue.Dequeue();
                due.Add(item);
            }
            armed = DateTimeOffset.MaxValue;
            if (queue.TryPeek(out _, out var next)) Arm(next);
        }
        foreach (var item in due) wake(item);
    }

    public void Dispose() => timer.Dispose();
}
