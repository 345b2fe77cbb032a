using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Escalation;

/// <summary>
/// What this process knows of the way to the tier above. While it is away every waiting escalation asks again now and then; together they ask at
/// most 40 times a second, however many they are after a long outage: each failed attempt takes the next free slot. A handful of them never
/// notices; their own back-off is longer. The log hears of the first failure and of the first answer after it, not of each attempt.
/// </summary>
internal sealed class UpLink(TimeProvider time, ILogger<UpLink> log)
{
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(25);
    private readonly Lock gate = new();
    private DateTimeOffset last;

    /// <summary>False from the first failed attempt to the next answer; null before anybody was asked.</summary>
    public bool? Answers { get; private set; }

    /// <summary>Notes an attempt without an answer; returns how long to wait at least before the next one.</summary>
    public TimeSpan Failed(string why)
    {
        lock (gate)
        {
            if (Answers is not false)
            {
                Answers = false;
                Log.TierAboveAway(log, why);
            }

            var now = time.GetUtcNow();
            last = (last > now ? last : now) + Slot;
            return last - now;
        }
    }

    /// <summary>Notes an answer of any kind.</summary>
    public void Answered()
    {
        lock (gate)
        {
            if (Answers is false)
            {
                Log.TierAboveBack(log);
            }

            Answers = true;
        }
    }
}
