using Dapr.Workflow;
using Lepton.Contracts.Events;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Escalation;

/// <summary>
/// The durable way of one question to the tier above: ask, correct, feed back; one activity when all goes well, three when a step fails. It is the one owner of retries:
/// what fails is tried again after a durable timer, until the deadline of the event for asking, for ever for what follows a verdict.
/// </summary>
internal sealed class EscalationWorkflow : Workflow<EscalationProgress, string>
{
    public const string Name = "Escalation";

    /// <summary>After this many failed steps the workflow begins anew from where it is, so that weeks of waiting keep a short history.</summary>
    private const int StepsPerHistory = 8;

    public override async Task<string> RunAsync(WorkflowContext context, EscalationProgress progress)
    {
        for (var step = 0; ; step++)
        {
            if (step == StepsPerHistory)
            {
                context.ContinueAsNew(progress);
                return "continued";
            }

            var (next, wait) = await StepAsync(context, progress);
            if (wait is { } pause)
            {
                context.SetCustomStatus($"{progress.Phase}: attempt {progress.Attempt + 1} failed, next one in {pause.TotalSeconds:0.0} s");
                await context.CreateTimer(pause);
            }

            if (next.Phase == Phase.Done)
            {
                return next.Ending ?? "";
            }

            progress = next;
        }
    }

    /// <summary>One activity: how far it got, and how long to wait before the next one when it failed.</summary>
    private static async Task<(EscalationProgress Next, TimeSpan? Wait)> StepAsync(WorkflowContext context, EscalationProgress progress)
    {
        var ticket = progress.Ticket;
        var now = new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero);
        try
        {
            switch (progress.Phase)
            {
                case Phase.Asking:
                    if (now >= ticket.Deadline)
                    {
                        return (progress.To(Phase.Correcting) with { Ending = Endings.Expired }, null);
                    }

                    var reply = await context.CallActivityAsync<Reply>(AskActivity.Name, new Question(ticket, progress.Accepted, progress.Paid));
                    return reply.Ending is null
                        ? (progress.Again() with { Accepted = reply.Accepted, Paid = progress.Paid || reply.Paid }, Backoff.Pause(ticket.Subject, ticket.Pauses, progress.Attempt, reply.RetryAfter, ticket.Deadline - now))
                        : (progress.To(reply.Settled ? Phase.Done : Phase.Correcting) with { Ending = reply.Ending, Verdict = reply.Verdict, Why = reply.Why, Reference = reply.Reference }, null);

                case Phase.Correcting:
                    await context.CallActivityAsync(CorrectActivity.Name, progress);
                    return (progress.To(Phase.FeedingBack) with { Verdict = null }, null);

                default:
                    await context.CallActivityAsync(FeedBackActivity.Name, new Ended(ticket, progress.Reference));
                    return (progress.To(Phase.Done), null);
            }
        }
        catch (WorkflowTaskFailedException)
        {
            // The activity has logged why. Asking ends at the deadline; a verdict that came is never given up.
            return (progress.Again(), Backoff.Pause(ticket.Subject, ticket.Pauses, progress.Attempt, left: progress.Phase == Phase.Asking ? ticket.Deadline - now : null));
        }
    }
}

/// <summary>How far an escalation has come; the input of its workflow, and what a shortened history goes on from.</summary>
internal sealed record EscalationProgress
{
    public required EscalationTicket Ticket { get; init; }

    public Phase Phase { get; init; }

    /// <summary>Failed attempts of this phase.</summary>
    public int Attempt { get; init; }

    /// <summary>True once the tier above has accepted the question and is polled for its verdict.</summary>
    public bool Accepted { get; init; }

    /// <summary>How the asking ended, one of <see cref="Endings"/>.</summary>
    public string? Ending { get; init; }

    /// <summary>True once the budget has paid for the question.</summary>
    public bool Paid { get; init; }

    public Verdict? Verdict { get; init; }

    /// <summary>The model that gave the verdict.</summary>
    public string? Reference { get; init; }

    /// <summary>Why it was refused.</summary>
    public string? Why { get; init; }

    public EscalationProgress To(Phase phase) => this with { Phase = phase, Attempt = 0 };

    public EscalationProgress Again() => this with { Attempt = Attempt + 1 };
}

internal enum Phase
{
    Asking,
    Correcting,
    FeedingBack,
    Done,
}

/// <summary>How asking can end.</summary>
internal static class Endings
{
    public const string Answered = "answered";
    public const string Refused = "refused";
    public const string Expired = "expired";
}
