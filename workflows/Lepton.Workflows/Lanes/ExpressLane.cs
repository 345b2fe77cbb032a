using Lepton.Contracts.Events;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Results;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Lanes;

/// <summary>
/// The way of a batch of admitted events with <c>durability: escalation</c>: decide, and record what has no record yet (one write, first write wins); then,
/// from the records alone, publish, start escalations, tell the twins. A step that fails sends back the events it failed for, and only these.
/// </summary>
internal sealed class ExpressLane(Decider decider, Aftermath aftermath, Tally tally, ILogger<ExpressLane> log)
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(15);

    public async Task<Handled[]> RunAsync(Tier tier, IReadOnlyList<AdmittedEvent> events, CancellationToken cancellationToken)
    {
        var batch = new Batch(events);
        if (await StepAsync(tier, batch, "deciding", stop => decider.DecideAsync(tier, batch.Events, stop), cancellationToken).ConfigureAwait(false) is not { } decided)
        {
            return batch.Handled;
        }

        batch.Decided(decided);
        var known = decided.Known;
        foreach (var _ in known)
        {
            tally.Of(tier.Pipeline.Name).Redelivered();
        }

        var corrections = known.Count == 0 ? []
            : await StepAsync(tier, batch, "reading corrections", stop => aftermath.CorrectionsAsync(known, stop), cancellationToken).ConfigureAwait(false);
        if (corrections is null)
        {
            batch.Fail(known.Select(record => record.Result.Subject));
            corrections = [];
        }

        var publishing = StepAsync(tier, batch, "publishing", stop => aftermath.PublishAsync(batch.Open, corrections.Values.Where(Revision.IsNews), stop), cancellationToken);
        var starting = StepAsync(tier, batch, "starting escalations", stop => aftermath.EscalateAsync(batch.Open.Where(record => !corrections.ContainsKey(record.Result.Subject)).ToList(), stop), cancellationToken);
        batch.FailAllOr(Noted(tier, "publishing", await publishing.ConfigureAwait(false)));
        batch.FailAllOr(Noted(tier, "starting escalations", await starting.ConfigureAwait(false)), record => record.Ticket is not null);
        var telling = StepAsync(tier, batch, "telling twins", stop => aftermath.ObserveAsync(tier.Pipeline, batch.OpenWithEvents, stop), cancellationToken);
        batch.FailDevices(Noted(tier, "telling twins", await telling.ConfigureAwait(false)));
        return batch.Close(corrections);
    }

    private IReadOnlyDictionary<string, string>? Noted(Tier tier, string step, IReadOnlyDictionary<string, string>? failures)
    {
        if (failures is { Count: > 0 })
        {
            Log.StepFailed(log, tier.Pipeline.Name, failures.Count, step, failures.First().Value);
        }

        return failures;
    }

    private async Task<T?> StepAsync<T>(Tier tier, Batch batch, string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
        where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StepLimit);
        try
        {
            return await step(limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Whatever a step fails with, nothing is decided by it: its events come again.
            Log.StepFailed(log, tier.Pipeline.Name, batch.Subjects.Count, name, (error.InnerException ?? error).Message);
            return null;
        }
    }
}
