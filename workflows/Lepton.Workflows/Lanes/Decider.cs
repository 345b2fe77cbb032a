using Lepton.Contracts.Events;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Gates;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Lanes;

/// <summary>
/// Steps 2 to 5: infer in one batch, decide, and record in one write, which keeps the record of an event that has one. That is seen only then: nearly
/// every event is new, and to ask first would cost each a round trip.
/// </summary>
internal sealed class Decider(RecordStore records, GateBoard gates, UpLink link, RecentResults recent, Tally tally, Pauses pauses, TimeProvider time)
{
    public async Task<Decided> DecideAsync(Tier tier, IReadOnlyList<AdmittedEvent> events, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var rejections = new Dictionary<string, Rejection>();
        var timely = new List<AdmittedEvent>(events.Count);
        foreach (var each in events)
        {
            if (AdmissionDesk.Expired(tier.Pipeline, each, now) is { } expired)
            {
                rejections[each.Subject] = expired;
            }
            else
            {
                timely.Add(each);
            }
        }

        if (timely.Count == 0)
        {
            return await UnlessKnownAsync([], [], rejections, cancellationToken).ConfigureAwait(false);
        }

        var gate = await gates.ReadyAsync(tier.Pipeline.Name, cancellationToken).ConfigureAwait(false);
        var outcomes = tier.Model.Answer([.. timely.Select(each => each.Input)]);
        var fresh = new List<NewRecord>(timely.Count);
        for (var i = 0; i < timely.Count; i++)
        {
            if (outcomes[i].Answer is not { } answer)
            {
                rejections[timely[i].Subject] = AdmissionDesk.Unanswerable(tier.Pipeline, timely[i], outcomes[i].Problem ?? "", now);
                continue;
            }

            var record = Revision.First(tier.Pipeline, timely[i], answer, gate?.Decide(timely[i], answer, now) ?? Ruled.AtTheTop(answer), pauses, now);
            fresh.Add(new NewRecord(record, record.Ticket is null ? null : timely[i].ToStored(), Revision.Keep(tier.Pipeline)));
        }

        var written = fresh.Count == 0 ? [] : await records.WriteAsync(fresh, cancellationToken).ConfigureAwait(false);
        var made = new HashSet<string>();
        foreach (var (record, _, _) in fresh)
        {
            // Counted by the one whose record holds: another node, or an earlier delivery, counts its own.
            if (written.TryGetValue(record.Result.Subject, out var holds) && ReferenceEquals(holds, record))
            {
                made.Add(record.Result.Subject);
                Count(tier, record, timely);
            }
        }

        return await UnlessKnownAsync(written, made, rejections, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What was decided stays decided: an event that would be rejected now keeps the record it has.</summary>
    private async Task<Decided> UnlessKnownAsync(Dictionary<string, EventRecord> held, HashSet<string> made, Dictionary<string, Rejection> rejections, CancellationToken cancellationToken)
    {
        foreach (var (subject, record) in rejections.Count == 0 ? [] : await records.ReadAsync(rejections.Keys, cancellationToken).ConfigureAwait(false))
        {
            rejections.Remove(subject);
            held[subject] = record;
        }

        return new Decided(held, [.. held.Values.Where(record => !made.Contains(record.Result.Subject))], rejections);
    }

    private void Count(Tier tier, EventRecord record, List<AdmittedEvent> events)
    {
        var counts = tally.Of(tier.Pipeline.Name);
        var bytes = events.Find(each => each.Subject == record.Result.Subject)!.Input.Data.Length;
        counts.Decided(record.Ticket is { Audit: false });
        counts.WouldHaveSent(bytes);
        if (record.Ticket is not null)
        {
            link.Queue(record.Result.Subject, bytes);
        }

        recent.Add(record.Result);
    }
}

/// <summary>What became of events: a record or a rejection each, by subject. One with neither is tried again.</summary>
/// <param name="Records">The records that hold.</param>
/// <param name="Known">Of these, the ones that an earlier delivery had made.</param>
/// <param name="Rejections">Why the others get none.</param>
internal sealed record Decided(Dictionary<string, EventRecord> Records, IReadOnlyList<EventRecord> Known, Dictionary<string, Rejection> Rejections);
