using Dapr;
using Dapr.Workflow;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Escalation;

/// <summary>Writes revision 2, first write wins, and publishes the one that holds.</summary>
internal sealed class CorrectActivity(PipelineBook book, UpLink link, RecordStore records, ResultPublisher publisher, RecentResults recent, Tally tally, TimeProvider time)
    : WorkflowActivity<EscalationProgress, bool>
{
    public const string Name = "Correct";

    public override async Task<bool> RunAsync(WorkflowActivityContext context, EscalationProgress input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var ticket = input.Ticket;
        var first = await records.ReadAsync(ticket.Subject, limit.Token).ConfigureAwait(false);
        if (first is null)
        {
            // Its time to live is over: nobody keeps revision 1 any more, and a revision 2 of nothing helps nobody.
            return false;
        }

        var ours = Revision.Second(first, input.Ending, input.Verdict, input.Why, book.ToleranceOf(ticket.Pipeline), time.GetUtcNow());
        link.Unqueue(ticket.Subject);
        var correction = await records.CorrectAsync(ours, ticket.Keep, limit.Token).ConfigureAwait(false);
        if (Revision.IsNews(correction) && (await publisher.PublishAsync([correction], limit.Token).ConfigureAwait(false)).Count > 0)
        {
            throw new DaprException($"'{correction.Id}' could not be published; it is tried again");
        }

        if (correction.DecidedAt == ours.DecidedAt)
        {
            if (Revision.IsNews(correction))
            {
                recent.Add(correction);
            }

            Revision.Count(correction, tally.Of(correction.Pipeline));
        }

        return true;
    }
}
