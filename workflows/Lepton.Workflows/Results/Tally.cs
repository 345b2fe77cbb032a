using System.Collections.Concurrent;

namespace Lepton.Workflows.Results;

/// <summary>Counts per pipeline since this process started, for people who look; a restart begins anew.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, PipelineTally> byPipeline = new();

    public PipelineTally Of(string pipeline) => byPipeline.GetOrAdd(pipeline, static _ => new PipelineTally());

    public IReadOnlyDictionary<string, TallyFigures> Read() => byPipeline.ToDictionary(each => each.Key, each => each.Value.Read());
}

/// <summary>The counts of one pipeline.</summary>
internal sealed class PipelineTally
{
    private long events, answered, escalated, confirmed, corrected, ended, audited, auditedWrong, deadLettered, redelivered, uplinkBytes, uplinkBytesIfAll;

    public void Decided(bool escalates)
    {
        Interlocked.Increment(ref events);
        Interlocked.Increment(ref escalates ? ref escalated : ref answered);
    }

    public void Redelivered() => Interlocked.Increment(ref redelivered);

    public void DeadLettered(int count) => Interlocked.Add(ref deadLettered, count);

    public void Confirmed() => Interlocked.Increment(ref confirmed);

    public void Corrected() => Interlocked.Increment(ref corrected);

    /// <summary>An escalation ended without a verdict.</summary>
    public void Ended() => Interlocked.Increment(ref ended);

    /// <summary>The label of an answer that stood has come.</summary>
    public void Audited(bool wrong)
    {
        Interlocked.Increment(ref audited);
        Interlocked.Add(ref auditedWrong, wrong ? 1 : 0);
    }

    /// <summary>Bytes of a request to the tier above, as sent.</summary>
    public void Sent(long bytes) => Interlocked.Add(ref uplinkBytes, bytes);

    /// <summary>The payload of an event in base64 as it would have gone up; without the envelope, so that the saving is never overstated.</summary>
    public void WouldHaveSent(long payloadBytes) => Interlocked.Add(ref uplinkBytesIfAll, (payloadBytes + 2) / 3 * 4);

    public TallyFigures Read() => new(
        Interlocked.Read(ref events), Interlocked.Read(ref answered), Interlocked.Read(ref escalated), Interlocked.Read(ref confirmed), Interlocked.Read(ref corrected),
        Interlocked.Read(ref ended), Interlocked.Read(ref audited), Interlocked.Read(ref auditedWrong), Interlocked.Read(ref deadLettered), Interlocked.Read(ref redelivered), Interlocked.Read(ref uplinkBytes), Interlocked.Read(ref uplinkBytesIfAll));
}

/// <summary>The counts of a pipeline at one moment.</summary>
/// <param name="Events">Events decided by this process.</param>
/// <param name="Answered">Of these, finally answered on this tier.</param>
/// <param name="Escalated">Of these, escalated.</param>
/// <param name="Confirmed">Verdicts that agreed.</param>
/// <param name="Corrected">Verdicts that did not.</param>
/// <param name="Ended">Escalations that ended without a verdict.</param>
/// <param name="Audited">Answers that stood and whose label has come.</param>
/// <param name="AuditedWrong">Of these, wrong ones.</param>
/// <param name="DeadLettered">Events that were not admitted.</param>
/// <param name="Redelivered">Deliveries of an event that had its record already.</param>
/// <param name="UplinkBytes">Bytes sent to the tier above, repeats included.</param>
/// <param name="UplinkBytesIfAll">Bytes that all payloads would have been, without envelopes.</param>
internal sealed record TallyFigures(
    long Events, long Answered, long Escalated, long Confirmed, long Corrected, long Ended, long Audited, long AuditedWrong, long DeadLettered, long Redelivered, long UplinkBytes, long UplinkBytesIfAll);
