using Lepton.Contracts.Resources;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Feasibility;

/// <summary>From what the gate wants to what can be done: deadline, link, queue, budget and privacy. Pure, allocates nothing.</summary>
public static class Escalation
{
    // What the price never weighs: here it is not the doubt that asks.
    private const Reasons Priceless = Reasons.CriticalClass | Reasons.RecalibrationBurst | Reasons.ColdStart | Reasons.InvalidScores;

    /// <summary>Decides. A shadow event fares as any other would, else its label would not tell what comes of the others; only what sends its label is its own.</summary>
    public static Decision Decide(in GateRuling ruling, in Circumstances given, EscalationPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (given.MustStay)
        {
            return Stay(ruling, ruling.Reasons | Reasons.PrivacyLocalOnly, 0, 0, policy, double.PositiveInfinity);
        }

        if (ruling.Accepts && !ruling.IsShadow)
        {
            return new(Disposition.Accept, ruling.Reasons, 0, 0, false, false, false, default, 0);
        }

        var seconds = given.EscalationSeconds;
        var bytes = given.SendableBytes;

        // Whether a shadow event's label is asked for must not depend on its doubt: the reserve alone says, also for one that escalates anyway.
        var label = ruling.Designation == Designation.Shadow && given.Budget.ReserveBytes >= bytes && !given.QueueFull ? bytes : 0;
        if (ruling.Accepts)
        {
            return new(Disposition.Accept, ruling.Reasons, label, 0, label > 0, label > 0, false, default, seconds);
        }

        var calibrates = ruling.Designation is Designation.Cold or Designation.Burst;
        var wanted = IsWorth(ruling, given, bytes) ? bytes : 0;
        var bucketHasNot = wanted == 0 || given.Budget.Bytes < bytes;
        var fromReserve = bucketHasNot && calibrates && given.Budget.ReserveBytes >= bytes;
        var limits = Blocks(given) | (bucketHasNot && !fromReserve ? Reasons.BudgetDenied : Reasons.None);
        var late = seconds > (given.Deadline - given.Now).TotalSeconds;
        var reasons = ruling.Reasons | limits | (late ? Reasons.DeadlineTooTight : Reasons.None);
        var sampled = calibrates || label > 0;
        var provisional = (ruling.Reasons & Reasons.InvalidScores) == 0
            && (policy.Provisional == ProvisionalAnswers.Always || (policy.Provisional == ProvisionalAnswers.WhenLate && (late || limits != Reasons.None)));
        if (limits == Reasons.None && (provisional || !late))
        {
            return new(provisional ? Disposition.ProvisionalAndEscalate : Disposition.EscalateNow, reasons, bytes, fromReserve ? 0 : wanted, fromReserve, sampled, false, default, seconds);
        }

        // To wait is of use when the verdict can still come in time, or when the answer is given already and the verdict only corrects it.
        var until = given.Now + policy.ParkFor;
        if (limits != Reasons.None && policy.ParkFor > TimeSpan.Zero && (provisional || !late))
        {
            return new(provisional ? Disposition.ProvisionalAndEscalate : Disposition.Park, reasons, 0, wanted, false, sampled, false, provisional || until < given.Deadline ? until : given.Deadline, seconds);
        }

        return Stay(ruling, limits != Reasons.None ? reasons | Reasons.ParkTtl : reasons, label, wanted, policy, seconds);
    }

    private static Decision Stay(in GateRuling ruling, Reasons reasons, long label, long wanted, EscalationPolicy policy, double seconds)
    {
        // An answer whose scores can't be believed is not an answer that could be given as degraded.
        var reject = !ruling.Accepts && (policy.RejectWhenUnsure || (reasons & Reasons.InvalidScores) != 0);
        return new(reject ? Disposition.Reject : Disposition.Accept, reasons, label, wanted, label > 0, label > 0, !ruling.Accepts && !reject, default, seconds);
    }

    private static Reasons Blocks(in Circumstances given) =>
        (given.Link.State == LinkState.Down ? Reasons.LinkDown : Reasons.None) | (given.QueueFull ? Reasons.QueueFull : Reasons.None);

    private static bool IsWorth(in GateRuling ruling, in Circumstances given, long bytes)
    {
        var value = given.Cost * ruling.ErrorProbability * given.Budget.ReferenceBytes / Math.Max(1, bytes);
        return value >= given.Budget.Price || (ruling.Reasons & Priceless) != 0;
    }
}
