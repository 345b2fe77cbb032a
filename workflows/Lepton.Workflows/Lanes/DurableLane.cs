using Lepton.Workflows.Admission;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Lanes;

/// <summary>
/// The way of admitted events with <c>durability: event</c>: the payload is stored, a workflow is started that does the rest, and the delivery is
/// acknowledged. A redelivered event starts nothing new while its workflow runs, and one that repeats itself from the record after it.
/// </summary>
internal sealed class DurableLane(RecordStore records, Aftermath aftermath, Pauses pauses, ILogger<DurableLane> log)
{
    private const int MostStarts = 16;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public async Task<Handled[]> RunAsync(Tier tier, IReadOnlyList<AdmittedEvent> events, CancellationToken cancellationToken)
    {
        var handled = new Handled[events.Count];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var keep = Revision.Keep(tier.Pipeline);
            await records.WritePayloadsAsync(events.DistinctBy(each => each.Subject).Select(each => (each.Subject, each.ToStored(), keep)), limit.Token).ConfigureAwait(false);
            await Parallel.ForAsync(0, events.Count, new ParallelOptions { MaxDegreeOfParallelism = MostStarts, CancellationToken = limit.Token }, async (index, stop) =>
            {
                var progress = new InferenceProgress { Pipeline = tier.Pipeline.Name, Subject = events[index].Subject, Pauses = pauses };
                var why = await aftermath.StartAsync(InferenceWorkflow.Name, StateKey.Workflow(events[index].Subject), progress, stop).ConfigureAwait(false);
                handled[index] = why is null ? Handled.Done(null) : Handled.Again;
                if (why is not null)
                {
                    Log.StepFailed(log, tier.Pipeline.Name, 1, "starting a workflow", why);
                }
            }).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Nothing is decided by a failure: what was not started comes again.
            Log.StepFailed(log, tier.Pipeline.Name, events.Count, "storing payloads and starting workflows", (error.InnerException ?? error).Message);
        }

        return handled;
    }
}
