using Lepton.Cli.Ledger;
using Lepton.Decisions.Feasibility;

namespace Lepton.Cli.Checking;

/// <summary>Compares the acknowledged publishes of one pipeline with what came of them. Not safe for several threads; the checker holds one lock.</summary>
internal sealed class PipelineTally(string? positiveLabel, int most = 1_000_000)
{
    private readonly Dictionary<string, EventRecord> records = [];
    private readonly Queue<string> closed = [];
    private readonly Latencies latencies = new();
    private Outcome edgeOnly, final;
    private long events, answered, escalated, corrected, changed, unresolved, ended, rejected, deadLettered, duplicated, payload, escalatedPayload;

    /// <summary>Distinct events by device, counted once their first result is seen.</summary>
    public Dictionary<string, long> AnsweredByDevice { get; } = [];

    /// <summary>Distinct ends of escalations seen: each is one feedback to the gate.</summary>
    public long Endings { get; private set; }

    public void Acknowledge(LedgerLine line)
    {
        var record = RecordOf(line.Key);
        if (record.Acknowledged)
        {
            return;
        }

        (record.Acknowledged, record.Sent, record.Bytes, record.Truth) = (true, line.Sent, line.Bytes, Truth.Read(line.Truth));
        payload += line.Bytes;
        escalatedPayload += record.Escalated ? line.Bytes : 0;
        CountEvent(record);
        if (record.FirstSeen is { } seen)
        {
            latencies.Add(seen - line.Sent);
        }

        Score(record);
    }

    public void See(Sighting sighting)
    {
        switch (sighting.Kind)
        {
            case SightingKind.Result:
                SeeResult(sighting);
                break;
            case SightingKind.Rejection:
                Reject(sighting.Key);
                break;
            default:
                Abandon(sighting.Key);
                break;
        }
    }

    /// <summary>Takes in the effects of an earlier run's late result, which counts as no event of this run.</summary>
    public void SeeEarlier(Sighting sighting)
    {
        if (sighting.Revision == 1)
        {
            CountDevice(sighting.Device);
        }
        else
        {
            Endings++;
        }
    }

    public PipelineFigures Read()
    {
        var (abandoned, unanswered) = (0L, 0L);
        foreach (var record in records.Values)
        {
            // An event that ended in the dead letters without a reason waits for nothing any more, but it is lost all the same.
            abandoned += record is { DeadLettered: true, Closed: false } ? 1 : 0;
            unanswered += record is { Acknowledged: true, Closed: false, FirstSeen: null } ? 1 : 0;
        }

        return new PipelineFigures
        {
            Events = events,
            Answered = answered,
            Escalated = escalated,
            Corrected = corrected,
            Changed = changed,
            Unresolved = unresolved,
            Pending = events - ended - abandoned,
            Unanswered = unanswered,
            DeadLettered = rejected + deadLettered,
            Abandoned = abandoned,
            Duplicated = duplicated,
            LatencyMs = new Quantiles(latencies.Quantile(0.5), latencies.Quantile(0.99)),
            Accuracy = new BeforeAfter(edgeOnly.Accuracy, final.Accuracy),
            Sensitivity = new BeforeAfter(edgeOnly.Sensitivity, final.Sensitivity),
            Specificity = new BeforeAfter(edgeOnly.Specificity, final.Specificity),
            PayloadBytes = payload,
            EscalatedPayloadBytes = escalatedPayload,
        };
    }

    private void SeeResult(Sighting sighting)
    {
        var record = RecordOf(sighting.Key);
        if (record.Digests.TryGetValue(sighting.Revision, out var digest))
        {
            // The same revision again is allowed (delivery is at least once); with another content it was decided twice.
            duplicated += digest == sighting.Digest ? 0 : 1;
            return;
        }

        record.Digests[sighting.Revision] = sighting.Digest;
        if (sighting.Revision == 1)
        {
            SeeFirst(record, sighting);
        }
        else
        {
            CountEnding(sighting.Ending);
        }

        if (sighting.Revision > record.Revision)
        {
            record.Revision = sighting.Revision;
            (record.FinalLabel, record.FinalBoxes) = (sighting.Label, sighting.Boxes);
        }

        if (sighting.Final)
        {
            Close(sighting.Key, record);
        }

        Score(record);
    }

    private void SeeFirst(EventRecord record, Sighting sighting)
    {
        record.FirstSeen = sighting.Seen;
        record.Escalated = !sighting.Final;
        (record.EdgeLabel, record.EdgeBoxes) = (sighting.Label, sighting.Boxes);
        answered += sighting.Final ? 1 : 0;
        escalated += sighting.Final ? 0 : 1;
        escalatedPayload += record.Escalated ? record.Bytes : 0;
        CountDevice(sighting.Device);
        CountEvent(record);
        if (record.Acknowledged)
        {
            latencies.Add(sighting.Seen - record.Sent);
        }
    }

    // A key is empty where the event was too malformed to have an id: it was nobody's acknowledged publish that could be named.
    private void Reject(string key)
    {
        if (key.Length == 0)
        {
            rejected++;
            return;
        }

        var record = RecordOf(key);
        rejected += record.Rejected ? 0 : 1;
        record.Rejected = true;
        CountEvent(record);
        Close(key, record);
    }

    private void Abandon(string key)
    {
        var record = RecordOf(key);
        deadLettered += record.DeadLettered ? 0 : 1;
        record.DeadLettered = true;
        CountEvent(record);
    }

    private void CountEvent(EventRecord record)
    {
        events += record.Counted ? 0 : 1;
        ended += !record.Counted && record.Closed ? 1 : 0;
        record.Counted = true;
    }

    private void Close(string key, EventRecord record)
    {
        if (record.Closed)
        {
            return;
        }

        record.Closed = true;
        ended += record.Counted ? 1 : 0;
        closed.Enqueue(key);
        while (records.Count > most && closed.TryDequeue(out var oldest))
        {
            records.Remove(oldest);
        }
    }

    private void CountDevice(string device) => AnsweredByDevice[device] = AnsweredByDevice.GetValueOrDefault(device) + 1;

    private void CountEnding(string? ending)
    {
        Endings++;
        var verdict = ending is ReasonNames.Confirmed or ReasonNames.Corrected;
        corrected += verdict ? 1 : 0;
        changed += ending == ReasonNames.Corrected ? 1 : 0;
        unresolved += verdict ? 0 : 1;
    }

    private void Score(EventRecord record)
    {
        if (record.Truth is not { } truth || record.FirstSeen is null)
        {
            return;
        }

        var before = Outcome.Of(truth, record.EdgeLabel, record.EdgeBoxes, positiveLabel);
        var after = Outcome.Of(truth, record.FinalLabel, record.FinalBoxes, positiveLabel);
        edgeOnly = edgeOnly - record.Before + before;
        final = final - record.After + after;
        (record.Before, record.After) = (before, after);
    }

    private EventRecord RecordOf(string key)
    {
        if (!records.TryGetValue(key, out var record))
        {
            records[key] = record = new EventRecord();
        }

        return record;
    }
}
