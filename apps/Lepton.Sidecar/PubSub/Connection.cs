using System.Collections.Concurrent;

namespace Lepton.Sidecar.PubSub;

/// <summary>The way to an emulated broker, with the switches that spoil it for a test.</summary>
internal sealed class Connection(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, int> lost = new();
    private readonly ConcurrentDictionary<string, int> doubled = new();
    private DateTimeOffset downUntil;

    // Every message asks several times; a run without faults must not pay for them.
    private volatile bool touched;
    private TaskCompletionSource changed = New();

    internal bool Down
    {
        get
        {
            if (!touched) return false;
            lock (gate) return time.GetUtcNow() < downUntil;
        }
    }

    internal void Disconnect(TimeSpan length)
    {
        lock (gate)
        {
            touched = true;
            downUntil = time.GetUtcNow() + length;
            changed.TrySetResult();
            changed = New();
        }
    }

    internal void LoseAcknowledgements(string topic, int count) => Add(lost, topic, count);

    internal void Duplicate(string topic, int count) => Add(doubled, topic, count);

    internal bool LosesAcknowledgement(string topic) => Down || Takes(lost, topic);

    internal bool Duplicates(string topic) => Takes(doubled, topic);

    internal async ValueTask UpAsync(CancellationToken stop)
    {
        while (true)
        {
            Task signal;
            TimeSpan wait;
            lock (gate)
            {
                wait = downUntil - time.GetUtcNow();
                if (wait <= TimeSpan.Zero) return;
                signal = changed.Task;
            }
            await Task.WhenAny(signal, Task.Delay(wait, time, stop)).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
        }
    }

    private void Add(ConcurrentDictionary<string, int> counts, string topic, int count)
    {
        counts.AddOrUpdate(topic, count, (_, before) => before + count);
        touched = true;
    }

    private bool Takes(ConcurrentDictionary<string, int> counts, string topic)
    {
        while (touched && counts.TryGetValue(topic, out var left) && left > 0)
            if (counts.TryUpdate(topic, left - 1, left)) return true;
        return false;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
