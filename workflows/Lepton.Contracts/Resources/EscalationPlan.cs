namespace Lepton.Contracts.Resources;

/// <summary>What becomes of an event that is not accepted.</summary>
public sealed record EscalationPlan
{
    /// <summary>The tier asked.</summary>
    public string To { get; init; } = "cloud";

    /// <summary>How long the escalation may take before it ends without a verdict.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(1);

    /// <summary>When the lower tier's answer is published at once as revision 1.</summary>
    public ProvisionalAnswers Provisional { get; init; } = ProvisionalAnswers.Always;

    /// <summary>How long an event waits for the link or the budget; null for as long as <see cref="Deadline"/>, zero for not at all.</summary>
    public TimeSpan? ParkFor { get; init; }

    /// <summary>True when an answer that can neither be accepted nor escalated is withheld instead of given as degraded.</summary>
    public bool RejectWhenUnsure { get; init; }

    /// <summary>What may be sent; null for no limit.</summary>
    public BudgetPlan? Budget { get; init; }
}

/// <summary>A limit on what one node sends up for a pipeline. A tenth of it is kept for the labels that calibrate the gate.</summary>
/// <param name="BytesPerSecond">Bytes a second on average.</param>
/// <param name="Burst">Bytes at once.</param>
/// <param name="Payload">Size of a typical payload, in bytes.</param>
/// <param name="Share">The share of events that the budget pays for: while more are wanted a price rises, so that the answers likeliest to be wrong go first. 1 for first come, first served.</param>
public sealed record BudgetPlan(long BytesPerSecond, long Burst, long Payload, double Share);

/// <summary>When an answer that is not accepted is published at once, for the verdict to correct.</summary>
public enum ProvisionalAnswers
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When the verdict would come too late.</summary>
    WhenLate,

    /// <summary>Always.</summary>
    Always,
}

/// <summary>What may leave the tier that received an event.</summary>
public enum Privacy
{
    /// <summary>The payload.</summary>
    Free,

    /// <summary>Features made of it, if there are any.</summary>
    FeaturesOnly,

    /// <summary>Nothing.</summary>
    LocalOnly,
}
