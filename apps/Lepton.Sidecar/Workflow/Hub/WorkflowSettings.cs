using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>What a Configuration says of workflows. Limits of 0 mean none.</summary>
internal sealed record WorkflowSettings
{
    /// <summary>Turns that workers may have at the same time.</summary>
    internal int MaxTurns { get; init; }

    /// <summary>Activities that workers may have at the same time.</summary>
    internal int MaxActivities { get; init; }

    /// <summary>Turns at the same time by the name of their workflow.</summary>
    internal IReadOnlyDictionary<string, int> TurnLimits { get; init; } = new Dictionary<string, int>();

    /// <summary>Activities at the same time by their name.</summary>
    internal IReadOnlyDictionary<string, int> ActivityLimits { get; init; } = new Dictionary<string, int>();

    internal Retention Retention { get; init; } = new();
}

/// <summary>How long finished instances are kept; what is not given is kept for ever.</summary>
internal sealed record Retention
{
    internal TimeSpan? AnyTerminal { get; init; }

    internal TimeSpan? Completed { get; init; }

    internal TimeSpan? Failed { get; init; }

    internal TimeSpan? Terminated { get; init; }

    internal TimeSpan? For(OrchestrationStatus status) => status switch
    {
        OrchestrationStatus.Completed => Completed ?? AnyTerminal,
        OrchestrationStatus.Failed => Failed ?? AnyTerminal,
        OrchestrationStatus.Terminated => Terminated ?? AnyTerminal,
        _ => AnyTerminal,
    };
}
