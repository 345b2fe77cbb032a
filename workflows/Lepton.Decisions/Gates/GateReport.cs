using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>Whether a gate keeps its promise.</summary>
public enum GuaranteeState
{
    /// <summary>Nothing is accepted yet, so nothing is promised.</summary>
    NotYet,

    /// <summary>It holds: by calibration, and what came back does not speak against it.</summary>
    Held,

    /// <summary>It does not: what stood wrong exceeds alpha, or escalations that the gate wanted did not happen and the loss is not shown to be below alpha.</summary>
    NotHeld,
}

/// <summary>The two numbers that are always told together: what the gate promises, and what has been achieved.</summary>
/// <param name="Labels">Labels behind the thresholds.</param>
/// <param name="Errors">Those on which edge and reference disagreed.</param>
/// <param name="Missing">Labels still missing before anything is accepted.</param>
/// <param name="Bound">The gate's own bound on its risk.</param>
/// <param name="ShadowLabels">Labels chosen by the coin while the gate was open.</param>
/// <param name="Losses">Those whose wrong answer stood.</param>
/// <param name="AchievedBound">Clopper and Pearson's upper limit of the real loss, from them alone; 1 without any.</param>
/// <param name="State">Whether the promise is kept.</param>
/// <param name="Because">What kept it from being kept; none when the events themselves did.</param>
public sealed record GateReport(
    int Labels, int Errors, int Missing, double Bound, int ShadowLabels, int Losses, double AchievedBound, GuaranteeState State, Reasons Because)
{
    /// <summary>The state in words: <c>held</c>, <c>not yet (n labels missing)</c>, <c>not held (budgetDenied)</c>.</summary>
    public string Sentence => State switch
    {
        GuaranteeState.Held => "held",
        GuaranteeState.NotYet => $"not yet ({Missing} labels missing)",
        _ => Because == Reasons.None ? "not held (drift)" : $"not held ({ReasonNames.Of(Because)[0]})",
    };

    internal static GateReport Of(ReadOnlySpan<Label> labels, Calibration common, int missing, double bound, Guarantee guarantee)
    {
        int errors = 0, shadow = 0, losses = 0;
        var denied = Reasons.None;
        foreach (var label in labels)
        {
            errors += label.Wrong ? 1 : 0;
            if (label.Designation == Designation.Shadow)
            {
                shadow++;
                losses += label.Lost ? 1 : 0;
                denied |= label.Denied;
            }
        }

        var upper = BinomialTail.UpperLimit(losses, shadow, guarantee.Delta);
        var state = missing > 0 || common.Order == 0 ? GuaranteeState.NotYet
            : BinomialTail.LowerLimit(losses, shadow, guarantee.Delta) > guarantee.Alpha || (denied != Reasons.None && upper > guarantee.Alpha) ? GuaranteeState.NotHeld
            : GuaranteeState.Held;
        return new(labels.Length, errors, missing, bound, shadow, losses, upper, state, state == GuaranteeState.NotHeld ? denied : Reasons.None);
    }
}
