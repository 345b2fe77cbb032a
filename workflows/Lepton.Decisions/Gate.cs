using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;

namespace Lepton.Decisions;

/// <summary>
/// Accept an answer here or ask the tier above. This is the seam that the calibrated gate takes; what stands behind it now is a
/// <b>fixed threshold out of the pipeline file</b>: it keeps no error target and promises none.
/// </summary>
public static class Gate
{
    /// <summary>Decides about one answer. Pure: the same snapshot and answer give the same ruling on every node and every run.</summary>
    public static Ruling Decide(in Snapshot snapshot, Answer answer)
    {
        var uncertainty = Uncertainty.Of(answer, snapshot.Score, out var reason);
        if (uncertainty < snapshot.Threshold)
        {
            return new Ruling(Outcome.Accept, uncertainty, [Reason.Confident]);
        }

        if (uncertainty is not null)
        {
            reason = Reason.Uncertain;
        }

        if (!snapshot.TierAbove)
        {
            // Nobody can be asked: an answer that is merely unsure is given as it is, one that cannot be believed is not given at all.
            return new Ruling(reason == Reason.InvalidScores ? Outcome.Reject : Outcome.Accept, uncertainty, [reason, Reason.TopTier]);
        }

        var provisional = snapshot.Provisional && reason != Reason.InvalidScores;
        return new Ruling(provisional ? Outcome.ProvisionalAndEscalate : Outcome.EscalateNow, uncertainty, [reason]);
    }
}

/// <summary>What the gate needs to know to decide: immutable, replaced as a whole when feedback or configuration changes it.</summary>
/// <param name="Score">Which uncertainty is compared.</param>
/// <param name="Threshold">Accepted strictly below this uncertainty.</param>
/// <param name="Provisional">Whether an answer that is not accepted is published at once.</param>
/// <param name="TierAbove">Whether there is a tier to ask.</param>
public readonly record struct Snapshot(string Score, double Threshold, bool Provisional, bool TierAbove)
{
    /// <summary>The snapshot of a pipeline on a tier; a tier that is the one asked, or beyond it, has none above.</summary>
    public static Snapshot Of(Pipeline pipeline, string tier)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return new(pipeline.Gate.Score, pipeline.Gate.Threshold, pipeline.Escalation.Provisional, Rank(tier) < Rank(pipeline.Escalation.To));

        static int Rank(string tier) => tier switch { "edge" => 0, "fog" => 1, _ => 2 };
    }
}

/// <summary>What was decided about an answer.</summary>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Uncertainty">The uncertainty compared; null when there was none to compare.</param>
/// <param name="Reasons">Why, the first being decisive; codes of <see cref="Reason"/>.</param>
public sealed record Ruling(Outcome Outcome, double? Uncertainty, string[] Reasons)
{
    /// <summary>True when the tier above is to be asked.</summary>
    public bool Escalates => Outcome is Outcome.EscalateNow or Outcome.ProvisionalAndEscalate;
}

/// <summary>What becomes of an answer.</summary>
public enum Outcome
{
    /// <summary>It is final.</summary>
    Accept,

    /// <summary>The tier above is asked before anything is answered.</summary>
    EscalateNow,

    /// <summary>It is answered at once and the tier above asked, whose verdict may correct it.</summary>
    ProvisionalAndEscalate,

    /// <summary>No answer is given.</summary>
    Reject,
}

/// <summary>The outcomes as results name them.</summary>
public static class OutcomeNames
{
    /// <summary>The name in a result's <c>decision</c>: accept, escalateNow, provisionalAndEscalate, reject.</summary>
    public static string NameOf(Outcome outcome) => outcome switch
    {
        Outcome.Accept => "accept",
        Outcome.EscalateNow => "escalateNow",
        Outcome.ProvisionalAndEscalate => "provisionalAndEscalate",
        _ => "reject",
    };
}
