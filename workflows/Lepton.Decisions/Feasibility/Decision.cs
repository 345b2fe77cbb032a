namespace Lepton.Decisions.Feasibility;

/// <summary>What becomes of an answer.</summary>
public enum Disposition
{
    /// <summary>It stands.</summary>
    Accept,

    /// <summary>The tier above is asked before anything is answered.</summary>
    EscalateNow,

    /// <summary>The event waits for link or budget, and is then escalated.</summary>
    Park,

    /// <summary>It is answered at once, and the verdict may correct it.</summary>
    ProvisionalAndEscalate,

    /// <summary>No answer is given.</summary>
    Reject,
}

/// <summary>The dispositions as results name them.</summary>
public static class DispositionNames
{
    /// <summary>The name in a result's <c>decision</c>: accept, escalateNow, park, provisionalAndEscalate, reject.</summary>
    public static string Of(Disposition disposition) => disposition switch
    {
        Disposition.Accept => "accept",
        Disposition.EscalateNow => "escalateNow",
        Disposition.Park => "park",
        Disposition.ProvisionalAndEscalate => "provisionalAndEscalate",
        _ => "reject",
    };
}

/// <summary>What was decided about one event.</summary>
/// <param name="Disposition">What becomes of the answer.</param>
/// <param name="Reasons">Why: the decisive one first in precedence.</param>
/// <param name="Bytes">Bytes to be sent up now, for a verdict or for a label; 0 for none.</param>
/// <param name="WantedBytes">Bytes that were worth their price, whether or not they could be sent; what the price follows.</param>
/// <param name="FromReserve">Whether they are taken from the reserve of labels.</param>
/// <param name="Sampled">Whether the event's label, when it comes, is one of the fair sample that calibrates; false also when nobody asks for it.</param>
/// <param name="Degraded">Whether an answer stands that the gate wanted checked: it counts against the guarantee.</param>
/// <param name="ParkUntil">Until when the event waits; the least possible time when it does not.</param>
/// <param name="EscalationSeconds">When a verdict was expected, in seconds from then.</param>
public readonly record struct Decision(
    Disposition Disposition, Reasons Reasons, long Bytes, long WantedBytes, bool FromReserve, bool Sampled, bool Degraded, DateTimeOffset ParkUntil, double EscalationSeconds)
{
    /// <summary>What can keep an escalation from happening.</summary>
    public const Reasons Limits = Reasons.LinkDown | Reasons.DeadlineTooTight | Reasons.QueueFull | Reasons.BudgetDenied | Reasons.ParkTtl | Reasons.PrivacyLocalOnly;

    /// <summary>Whether the answer, or that there is none, stands for good and the payload is sent nevertheless, at low priority, for the label alone.</summary>
    public bool LabelToo => Disposition is Disposition.Accept or Disposition.Reject && Bytes > 0;

    /// <summary>Whether the event waits for link or budget before the tier above is asked.</summary>
    public bool Waits => ParkUntil != default;

    /// <summary>What kept a wanted escalation from happening; none when nothing did.</summary>
    public Reasons Denied => Degraded ? Reasons & Limits : Reasons.None;
}
