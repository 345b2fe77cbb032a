using Dapr.Workflow;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Lanes;

/// <summary>
/// One event's whole way as a durable workflow, for low-rate, high-stake pipelines: decide, publish, escalate. The same activities' worth of code as
/// the express lane runs, from the same record, so that the results and their ids are the same.
/// </summary>
internal sealed class InferenceWorkflow : Workflow<InferenceProgress, string>
{
    public const string Name = "Inference";

    /// <summary>After this many failed steps the workflow begins anew from where it is: a short history however long an outage lasts.</summary>
    private const int StepsPerHistory = 8;

    public override async Task<string> RunAsync(WorkflowContext context, InferenceProgress progress)
    {
        for (var step = 0; ; step++)
        {
            if (step == StepsPerHistory)
            {
                context.ContinueAsNew(progress);
                return "continued";
            }

            try
            {
                if (!progress.Decided)
                {
                    var decision = await context.CallActivityAsync<DecideOutcome>(DecideActivity.Name, progress);
                    progress = progress with { Decided = true, Attempt = 0, Ticket = decision.Ticket };
                    if (decision.Rejected)
                    {
                        return "rejected";
                    }
                }

                await context.CallActivityAsync(PublishActivity.Name, progress);
                break;
            }
            catch (WorkflowTaskFailedException)
            {
                await context.CreateTimer(Backoff.Pause(progress.Subject, progress.Pauses, progress.Attempt));
                progress = progress with { Attempt = progress.Attempt + 1 };
            }
        }

        return progress.Ticket is { } ticket
            ? await context.CallChildWorkflowAsync<string>(EscalationWorkflow.Name, new EscalationProgress { Ticket = ticket }, new ChildWorkflowTaskOptions(context.InstanceId + "-escalation"))
            : "answered";
    }
}

/// <summary>How far an event has come.</summary>
internal sealed record InferenceProgress
{
    public required string Pipeline { get; init; }

    public required string Subject { get; init; }

    public required Pauses Pauses { get; init; }

    public bool Decided { get; init; }

    public int Attempt { get; init; }

    public EscalationTicket? Ticket { get; init; }
}

/// <summary>What the first activity found: a ticket when the tier above is to be asked, or that the event was rejected.</summary>
internal sealed record DecideOutcome(EscalationTicket? Ticket, bool Rejected);
