namespace Lepton.Decisions.Feasibility;

/// <summary>Why it was decided so: a set whose members stand in order of precedence, the lowest bit being decisive. Kept as bits so that deciding allocates nothing.</summary>
[Flags]
public enum Reasons
{
    /// <summary>No reason.</summary>
    None = 0,

    /// <summary>The scores are no probabilities: not finite, out of range, none, one alone, or not adding up to 1.</summary>
    InvalidScores = 1 << 0,

    /// <summary>The event may not leave this tier.</summary>
    PrivacyLocalOnly = 1 << 1,

    /// <summary>The pipeline sends everything up.</summary>
    PolicyAlwaysCloud = 1 << 2,

    /// <summary>Too few labels yet to promise anything.</summary>
    ColdStart = 1 << 3,

    /// <summary>An alarm went off, and the gate is calibrating anew.</summary>
    RecalibrationBurst = 1 << 4,

    /// <summary>Too many wrong answers were accepted lately.</summary>
    BreakerOpen = 1 << 5,

    /// <summary>The event may belong to a critical class, though the answer says otherwise.</summary>
    CriticalClass = 1 << 6,

    /// <summary>The inputs lie farther out than those of the calibration.</summary>
    NovelInput = 1 << 7,

    /// <summary>The doubt reaches the threshold.</summary>
    Uncertain = 1 << 8,

    /// <summary>The coin chose the event for its label.</summary>
    Shadow = 1 << 9,

    /// <summary>The doubt is below the threshold.</summary>
    Confident = 1 << 10,

    /// <summary>The tier above can't be reached.</summary>
    LinkDown = 1 << 11,

    /// <summary>Its answer would come after the event's deadline.</summary>
    DeadlineTooTight = 1 << 12,

    /// <summary>The queue of escalations is full.</summary>
    QueueFull = 1 << 13,

    /// <summary>The bytes are not affordable now.</summary>
    BudgetDenied = 1 << 14,

    /// <summary>The event would not outlive its wait for the link.</summary>
    ParkTtl = 1 << 15,
}

/// <summary>Reasons as results name them.</summary>
public static class ReasonNames
{
    private static readonly string[] Names =
    [
        "invalidScores", "privacyLocalOnly", "policyAlwaysCloud", "coldStart", "recalibrationBurst", "breakerOpen", "criticalClass", "novelInput", "uncertain", "shadow",
        "confident", "linkDown", "deadlineTooTight", "queueFull", "budgetDenied", "parkTtl",
    ];

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
