namespace Lepton.Decisions.Feasibility;

/// <summary>Why it was decided so: a set whose members stand in order of precedence, the lowest bit being decisive. Kept as bits so that deciding allocates nothing.</summary>
[Flags]
public enum Reasons
{
    /// <summary>No reason.</summary>
    None = 0,

    /// <summary>The tier above gave the same answer: how an escalation or an audit ended, decisive in revision 2.</summary>
    Confirmed = 1 << 0,

    /// <summary>The tier above gave another answer.</summary>
    Corrected = 1 << 1,

    /// <summary>The deadline passed without a verdict.</summary>
    Expired = 1 << 2,

    /// <summary>The tier above refused the event for good.</summary>
    Refused = 1 << 3,

    /// <summary>The scores are no probabilities: not finite, out of range, none, one alone, or not adding up to 1.</summary>
    InvalidScores = 1 << 4,

    /// <summary>The answer carries no measure of how unsure it is, so nothing can be compared.</summary>
    Unmeasured = 1 << 5,

    /// <summary>The event may not leave this tier.</summary>
    PrivacyLocalOnly = 1 << 6,

    /// <summary>The pipeline sends everything up.</summary>
    PolicyAlwaysCloud = 1 << 7,

    /// <summary>Too few labels yet to promise anything.</summary>
    ColdStart = 1 << 8,

    /// <summary>An alarm went off, and the gate is calibrating anew.</summary>
    RecalibrationBurst = 1 << 9,

    /// <summary>Too many wrong answers were accepted lately.</summary>
    BreakerOpen = 1 << 10,

    /// <summary>The event may belong to a critical class, though the answer says otherwise.</summary>
    CriticalClass = 1 << 11,

    /// <summary>The inputs lie farther out than those of the calibration.</summary>
    NovelInput = 1 << 12,

    /// <summary>The doubt reaches the threshold.</summary>
    Uncertain = 1 << 13,

    /// <summary>The coin chose the event for its label.</summary>
    Shadow = 1 << 14,

    /// <summary>The doubt is below the threshold.</summary>
    Confident = 1 << 15,

    /// <summary>There is no tier above this one to ask.</summary>
    TopTier = 1 << 16,

    /// <summary>The tier above can't be reached.</summary>
    LinkDown = 1 << 17,

    /// <summary>Its answer would come after the event's deadline.</summary>
    DeadlineTooTight = 1 << 18,

    /// <summary>The queue of escalations is full.</summary>
    QueueFull = 1 << 19,

    /// <summary>The bytes are not affordable now.</summary>
    BudgetDenied = 1 << 20,

    /// <summary>The event would not outlive its wait for the link.</summary>
    ParkTtl = 1 << 21,
}

/// <summary>Reasons as results name them.</summary>
public static class ReasonNames
{
    /// <summary>The name of <see cref="Reasons.Confirmed"/>.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>The name of <see cref="Reasons.Corrected"/>.</summary>
    public const string Corrected = "corrected";

    /// <summary>The name of <see cref="Reasons.Expired"/>.</summary>
    public const string Expired = "expired";

    /// <summary>The name of <see cref="Reasons.Refused"/>.</summary>
    public const string Refused = "refused";

    private static readonly string[] Names =
    [
        Confirmed, Corrected, Expired, Refused, "invalidScores", "unmeasured", "privacyLocalOnly", "policyAlwaysCloud", "coldStart", "recalibrationBurst", "breakerOpen", "criticalClass",
        "novelInput", "uncertain", "shadow", "confident", "topTier", "linkDown", "deadlineTooTight", "queueFull", "budgetDenied", "parkTtl",
    ];

    /// <summary>The reasons that names stand for; unknown ones are left out.</summary>
    public static Reasons Read(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var reasons = Reasons.None;
        foreach (var name in names)
        {
            var bit = Array.IndexOf(Names, name);
            reasons |= bit >= 0 ? (Reasons)(1 << bit) : Reasons.None;
        }

        return reasons;
    }

    /// <summary>The names, the decisive one first.</summary>
    public static string[] Of(Reasons reasons)
    {
        var names = new string[System.Numerics.BitOperations.PopCount((uint)reasons)];
        var next = 0;
        for (var bit = 0; bit < Names.Length; bit++)
        {
            if (((int)reasons >> bit & 1) == 1)
            {
                names[next++] = Names[bit];
            }
        }

        return names;
    }
}
