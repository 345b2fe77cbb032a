using Lepton.Cli.Checking;

namespace Lepton.Cli.Supervision;

/// <summary>Makes the figures of the summary from what the checker, the runtime and the audit say.</summary>
internal static class Summaries
{
    public static IReadOnlyDictionary<string, PipelineSummary> Of(RunFigures? figures, long uplinkBytes, IReadOnlyDictionary<string, long> questions, Settlement settlement, Audit? audit)
    {
        if (figures is null)
        {
            return new Dictionary<string, PipelineSummary>();
        }

        var costs = Costs.Of(uplinkBytes, questions, figures.Pipelines);
        return figures.Pipelines.ToDictionary(pair => pair.Key, pair => Of(pair.Value, costs[pair.Key], settlement, audit?.AppliedTwice.GetValueOrDefault(pair.Key) ?? 0));
    }

    private static PipelineSummary Of(PipelineFigures figures, Uplink uplink, Settlement settlement, long appliedTwice)
    {
        // An acknowledged event is lost when nothing will come of it any more. One that waits for a cut uplink is not: its escalation is durable.
        var lost = settlement switch
        {
            Settlement.Open => 0,
            Settlement.Stuck => figures.Abandoned + figures.Pending,
            Settlement.WaitingForUplink => figures.Abandoned + figures.Unanswered,
            _ => figures.Abandoned,
        };
        return new PipelineSummary
        {
            Events = figures.Events,
            Answered = figures.Answered,
            Escalated = figures.Escalated,
            Corrected = figures.Corrected,
            Changed = figures.Changed,
            Unresolved = figures.Unresolved,
            Pending = figures.Pending,
            DeadLettered = figures.DeadLettered,
            Lost = lost,
            Duplicated = figures.Duplicated + appliedTwice,
            LatencyMs = figures.LatencyMs,
            Uplink = uplink,
            Accuracy = figures.Accuracy,
            Sensitivity = figures.Sensitivity,
            Specificity = figures.Specificity,
        };
    }
}
