using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>One rule's line of the table: means over the splits.</summary>
/// <param name="Accuracy">Final answers that are true (or are the reference's, where the truth is not known).</param>
/// <param name="Bytes">Sent up per event, in the mean.</param>
/// <param name="Above">In which share of the splits the risk lies above alpha, for a calibrated rule.</param>
internal sealed record RuleLine(string Rule, double Accuracy, double Escalation, double Risk, double? Bytes, double? Bound = null, double? Above = null);

/// <summary>How often calibrations exceed alpha: counted, and as the binomial law says for this very pool.</summary>
internal sealed record Violation(double Alpha, double Counted, double Exact);

/// <summary>Shares escalated at the risk that a peer's rule has: by the peer, by margin, by the automatic head.</summary>
internal sealed record EqualRisk(string Peer, double Theirs, double ByMargin, double ByHead, HeadKind Head);

/// <summary>What the peers' rules and ours do on one pool.</summary>
internal sealed record PoolReport(string Pool, bool IsGenerated, bool HasOwnDoubt, int Events, int Classes, int Calibration, double Disagreement)
{
    public required IReadOnlyList<RuleLine> Rules { get; init; }

    /// <summary>Null with too few labels to draw calibrations from.</summary>
    public required IReadOnlyList<Violation>? Violations { get; init; }

    /// <summary>Against peers that escalate anything; none for answers that bring their own doubt.</summary>
    public required IReadOnlyList<EqualRisk> Equal { get; init; }
}
