using Dapr.Workflow;

namespace Lepton.Workflows.Escalation;

/// <summary>Corrects, where asking ended without a verdict or its activity could not do it at once.</summary>
internal sealed class CorrectActivity(Correction correction) : WorkflowActivity<EscalationProgress, bool>
{
    public const string Name = "Correct";

    public override async Task<bool> RunAsync(WorkflowActivityContext context, EscalationProgress input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await correction.ApplyAsync(input.Ticket, input.Ending, input.Verdict, input.Why, limit.Token).ConfigureAwait(false);
    }
}
