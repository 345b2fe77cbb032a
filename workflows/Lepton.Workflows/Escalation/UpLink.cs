using Lepton.Decisions.Feasibility;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Escalation;

/// <summary>
/// What this process knows of the way to the tier above. While it is away every waiting escalation asks again now and then; together they ask at
/// most 40 times a second, however many they are after a long outage: each failed attempt takes the next free slot. A handful of them never
/// notices; their own back-off is longer. The log hears of the first failure and of the first answer after it, not of each attempt.
/// </summary>
internal sealed class UpLink(TimeProvider time, ILogger<UpLink> log)
{
    private const int MostWaiting = 10_000;

    /// <summary>Smaller questions are gone before their transfer can be timed.</summary>
    private const long LeastTimed = 4096;

    private static readonly TimeSpan LongestQueued = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(25);
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> waiting = [];
    private readonly Queue<(DateTimeOffset Since, string Subject)> ages = [];
    private DateTimeOffset last;
    private LinkEstimate estimate;
    private long queued;
    private int urgent;

    /// <summary>False from the first failed attempt to the next answer; null before anybody was asked.</summary>
    public bool? Answers { get; private set; }

    /// <summary>Round trip, bandwidth and state, as the questions themselves show them. A round trip holds the transfer and the upper tier's own time: on the safe side.</summary>
    public LinkEstimate Estimate
    {
        get
        {
            lock (gate)
            {
                return estimate;
            }
        }
    }

    /// <summary>Bytes of questions that this process has decided to ask and that are not answered yet.</summary>
    public long QueuedBytes
    {
        get
        {
            lock (gate)
            {
                return queued;
            }
        }
    }

    /// <summary>Whether so many questions wait that no more labels should be asked for.</summary>
    public bool QueueFull
    {
        get
        {
            lock (gate)
            {
                return waiting.Count >= MostWaiting;
            }
        }
    }

    /// <summary>Notes a question to come. It is forgotten after a minute: another replica may have asked it, or the link is away and its queue says nothing.</summary>
    public void Queue(string subject, long bytes)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (ages.TryPeek(out var oldest) && now - oldest.Since > LongestQueued)
            {
                Forget(ages.Dequeue().Subject);
            }

            if (waiting.Count < MostWaiting && waiting.TryAdd(subject, bytes))
            {
                queued += bytes;
                ages.Enqueue((now, subject));
            }
        }
    }

    /// <summary>Notes that a question waits no more.</summary>
    public void Unqueue(string subject)
    {
        lock (gate)
        {
            Forget(subject);
        }
    }

    /// <summary>Lets questions that somebody waits for go first: an audit waits until none is on its way, but no longer than two seconds.</summary>
    public async Task TurnAsync(bool audit, CancellationToken cancellationToken)
    {
        for (var tries = 0; audit && Volatile.Read(ref urgent) > 0 && tries < 20; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Notes that a question is on its way; dispose when it is answered.</summary>
    public IDisposable Begin(bool audit) => new Way(this, audit ? 0 : 1);

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

            estimate = estimate.AfterFailure();
            var now = time.GetUtcNow();
            last = (last > now ? last : now) + Slot;
            return last - now;
        }
    }

    /// <summary>Notes an answer of any kind, to a question of so many bytes after so much time.</summary>
    public void Answered(long bytes, TimeSpan elapsed)
    {
        lock (gate)
        {
            if (Answers is false)
            {
                Log.TierAboveBack(log);
            }

            Answers = true;
            estimate = estimate.AfterRoundTrip(elapsed.TotalSeconds);
            estimate = bytes >= LeastTimed ? estimate.AfterTransfer(bytes, elapsed.TotalSeconds) : estimate;
        }
    }

    private void Forget(string subject)
    {
        if (waiting.Remove(subject, out var bytes))
        {
            queued -= bytes;
        }
    }

    private sealed class Way : IDisposable
    {
        private readonly UpLink link;
        private readonly int weight;

        public Way(UpLink link, int weight)
        {
            (this.link, this.weight) = (link, weight);
            Interlocked.Add(ref link.urgent, weight);
        }

        public void Dispose() => Interlocked.Add(ref link.urgent, -weight);
    }
}
