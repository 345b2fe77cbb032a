using Dapr.Workflow;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Escalation;

/// <summary>Feeds back, where the activity that asked could not do it at once.</summary>
internal sealed class FeedBackActivity(Lesson lesson) : WorkflowActivity<Ended, bool>
{
    public const string Name = "FeedBack";

    public override async Task<bool> RunAsync(WorkflowActivityContext context, Ended input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await lesson.TeachAsync(input.Ticket, input.Reference, limit.Token).ConfigureAwait(false);
    }
}

/// <summary>An escalation or audit that ended, and the model that gave its verdict.</summary>
internal sealed record Ended(EscalationTicket Ticket, string? Reference);
