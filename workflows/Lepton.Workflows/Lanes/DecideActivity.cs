using Dapr;
using Dapr.Workflow;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Lanes;

/// <summary>Infers, decides and records one event; an event that has its record already keeps it. A rejected one is dead-lettered here.</summary>
internal sealed class DecideActivity(PipelineBook book, RecordStore records, Decider decider, DeadLetters deadLetters, ILogger<DecideActivity> log)
    : WorkflowActivity<InferenceProgress, DecideOutcome>
{
    public const string Name = "Decide";

    public override async Task<DecideOutcome> RunAsync(WorkflowActivityContext context, InferenceProgress input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        if (await records.ReadAsync(input.Subject, limit.Token).ConfigureAwait(false) is { } record)
        {
            return new DecideOutcome(record.Ticket, false);
        }

        var tier = book.Tier(input.Pipeline) ?? throw new DaprException($"pipeline '{input.Pipeline}' is off on this node; its events wait until its file is right again");
        if (await records.PayloadAsync(input.Subject, limit.Token).ConfigureAwait(false) is not { } stored)
        {
            Log.PayloadGone(log, input.Subject);
            return new DecideOutcome(null, true);
        }

        var admitted = AdmissionDesk.Readmit(tier.Pipeline, input.Subject, stored, out var problem)
            ?? throw new DaprException($"event '{input.Subject}' does not fit its pipeline any more ({problem}); it waits until the pipeline's file admits it again");
        var decided = await decider.DecideAsync(tier, [admitted], limit.Token).ConfigureAwait(false);
        if (decided.Rejections.TryGetValue(input.Subject, out var rejection))
        {
            return await deadLetters.SendAsync(tier.Pipeline.Name, [rejection], limit.Token).ConfigureAwait(false) ? new DecideOutcome(null, true)
                : throw new DaprException($"the rejection of '{input.Subject}' could not be published; it is tried again");
        }

        return decided.Records.TryGetValue(input.Subject, out var written) ? new DecideOutcome(written.Ticket, false)
            : throw new DaprException($"the record of '{input.Subject}' could neither be written nor read; it is tried again");
    }
}
