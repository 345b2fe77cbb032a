namespace Lepton.Workflows.Escalation;

/// <summary>
/// While the tier above is away every waiting escalation asks again now and then. Together they ask at most 40 times a second, however many they are
/// after a long outage: each failed attempt takes the next free slot. A handful of them never notices; their own back-off is longer.
/// </summary>
internal sealed class AskPace(TimeProvider time)
{
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(25);
    private readonly Lock gate = new();
    private DateTimeOffset last;

    /// <summary>How long to wait at least before asking again.</summary>
    public TimeSpan Wait()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            last = (last > now ? last : now) + Slot;
            return last - now;
        }
    }
}
