using Dapr;
using Lepton.Contracts.Events;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Escalation;

/// <summary>Writes revision 2, first write wins, and publishes the one that holds. May be repeated.</summary>
internal sealed class Correction(PipelineBook book, UpLink link, RecordStore records, ResultPublisher publisher, RecentResults recent, Tally tally, TimeProvider time)
{
    /// <summary>False when there is nothing left to correct. Throws what the sidecar could not do.</summary>
    public async Task<bool> ApplyAsync(EscalationTicket ticket, string? ending, Verdict? verdict, string? why, CancellationToken cancellationToken)
    {
        link.Unqueue(ticket.Subject);
        var first = await records.ReadAsync(ticket.Subject, cancellationToken).ConfigureAwait(false);
        if (first is null)
        {
            // Its time to live is over: nobody keeps revision 1 any more, and a revision 2 of nothing helps nobody.
            return false;
        }

        var ours = Revision.Second(first, ending, verdict, why, book.ToleranceOf(ticket.Pipeline), time.GetUtcNow());
        var correction = await records.CorrectAsync(ours, ticket.Keep, cancellationToken).ConfigureAwait(false);
        var isNews = Revision.IsNews(correction);
        if (isNews && (await publisher.PublishAsync([correction], cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            throw new DaprException($"'{correction.Id}' could not be published; it is tried again");
        }

        if (correction.DecidedAt == ours.DecidedAt)
        {
            if (isNews)
            {
                recent.Add(correction);
            }

            Revision.Count(correction, tally.Of(correction.Pipeline));
        }

        return true;
    }
}
