namespace Lepton.Contracts.Events;

/// <summary>
/// A result, as published on <see cref="Topics.Results"/>. All revisions of one event share a subject; who keys by subject and keeps the highest
/// revision is right.
/// </summary>
public sealed record Result
{
    /// <summary>The result's own id, and that of its CloudEvent: <c>subject/revision</c>.</summary>
    public required string Id { get; init; }

    /// <summary><c>pipeline/key</c>, the same for all revisions.</summary>
    public required string Subject { get; init; }

    /// <summary>1 for the first answer, 2 for the correction.</summary>
    public required int Revision { get; init; }

    /// <summary>The id of the result that this one replaces; null for revision 1.</summary>
    public string? Supersedes { get; init; }

    /// <summary>The pipeline.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The device, which is the source of its event.</summary>
    public required string Device { get; init; }

    /// <summary>The id that the device gave the event.</summary>
    public required string EventId { get; init; }

    /// <summary>When the event happened.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>When this revision was decided.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary><c>final</c>, or <c>provisional</c> when a correction follows.</summary>
    public required string Status { get; init; }

    /// <summary>What the gate decided: accept, escalateNow, park, provisionalAndEscalate or reject.</summary>
    public required string Decision { get; init; }

    /// <summary>Why, in codes, the first being decisive.</summary>
    public required string[] Reasons { get; init; }

    /// <summary>A sentence where the codes are not enough, such as why the tier above refused; null otherwise.</summary>
    public string? Detail { get; init; }

    /// <summary>The answer; null when there is none to give yet (escalated without a provisional answer) or ever (ended without a verdict).</summary>
    public Answer? Answer { get; init; }

    /// <summary>What the gate compared and promised when it decided; null where there is no tier above to ask.</summary>
    public GateFacts? Gate { get; init; }

    /// <summary>The status of a result that nobody waits to see corrected. One with the reason <c>shadow</c> is audited all the same, and corrected if it proves wrong.</summary>
    public const string Final = "final";

    /// <summary>The status of a result that a correction follows.</summary>
    public const string Provisional = "provisional";
}

/// <summary>What a gate compared and promised when it decided about one event.</summary>
public sealed record GateFacts
{
    /// <summary>The phase of the gate: coldStart, recalibrating, open or broken.</summary>
    public required string Phase { get; init; }

    /// <summary>How unsure the answer is, 0 (sure) to 1; null when that could not be measured.</summary>
    public double? Doubt { get; init; }

    /// <summary>Accepted below this doubt; null while nothing is accepted, and when every doubt is.</summary>
    public double? Threshold { get; init; }

    /// <summary>The bound on the gate's risk that its labels prove.</summary>
    public required double Bound { get; init; }

    /// <summary>The bound on the loss that stood in truth, from audited events alone; 1 before any.</summary>
    public required double AchievedBound { get; init; }

    /// <summary>Whether the promise is kept: <c>held</c>, <c>not yet (n labels missing)</c> or <c>not held (why)</c>.</summary>
    public required string Guarantee { get; init; }

    /// <summary>Which calibration decided: the key of models and settings.</summary>
    public required string Calibration { get; init; }

    /// <summary>Counts the calibrations.</summary>
    public required int Epoch { get; init; }

    /// <summary>How likely the event was to be labelled: weight by its inverse.</summary>
    public required double Propensity { get; init; }

    /// <summary>False when the event's verdict calibrates the gate: whoever trains must leave it alone.</summary>
    public required bool MayTrain { get; init; }
}

/// <summary>Why an event was not admitted, as published on its topic's dead-letter topic.</summary>
public sealed record Rejection
{
    /// <summary>The pipeline whose topic it came on.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The event's source, empty when it could not be read.</summary>
    public required string Device { get; init; }

    /// <summary>The event's id, empty when it could not be read.</summary>
    public required string EventId { get; init; }

    /// <summary>Why, as a code such as <c>malformedEvent</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>What is wrong and what to do, as a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>When it was refused.</summary>
    public required DateTimeOffset RejectedAt { get; init; }

    /// <summary>The first bytes of what came, at most 1 KiB, base64.</summary>
    public byte[]? Sample { get; init; }
}
