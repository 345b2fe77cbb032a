using System.Collections.Concurrent;

namespace Lepton.Sidecar.PubSub;

/// <summary>The way to an emulated broker, with the switches that spoil it for a test.</summary>
internal sealed class Connection(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, int> lost = new();
    private readonly ConcurrentDictionary<string, int> doubled = new();
    private DateTimeOffset downUntil;
    private TaskCompletionSource changed = New();

    internal bool Down
    {
        get
        {
            lock (gate) return time.GetUtcNow() < downUntil;
        }
    }

    internal void Disconnect(TimeSpan length)
    {
        lock (gate)
        {
            downUntil = time.GetUtcNow() + length;
            changed.TrySetResult();
            changed = New();
        }
    }

    internal void LoseAcknowledgements(string topic, int count) => lost.AddOrUpdate(topic, count, (_, before) => before + count);

    internal void Duplicate(string topic, int count) => doubled.AddOrUpdate(topic, count, (_, before) => before + count);

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

    private static bool Takes(ConcurrentDictionary<string, int> counts, string topic)
    {
        while (counts.TryGetValue(topic, out var left) && left > 0)
            if (counts.TryUpdate(topic, left - 1, left)) return true;
        return false;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
