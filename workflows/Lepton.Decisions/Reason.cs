namespace Lepton.Decisions;

/// <summary>Why the gate decided as it did: the codes in a result's <c>reasons</c>.</summary>
public static class Reason
{
    /// <summary>The scores are no probabilities: not finite, out of range, none, or not adding up to 1.</summary>
    public const string InvalidScores = "invalidScores";

    /// <summary>The answer carries no measure of how unsure it is, so nothing can be compared.</summary>
    public const string Unmeasured = "unmeasured";

    /// <summary>The uncertainty reaches the threshold.</summary>
    public const string Uncertain = "uncertain";

    /// <summary>The uncertainty is below the threshold.</summary>
    public const string Confident = "confident";

    /// <summary>The gate would have asked, but this tier has none above it.</summary>
    public const string TopTier = "topTier";

    /// <summary>The tier above confirmed the answer.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>The tier above gave another answer.</summary>
    public const string Corrected = "corrected";

    /// <summary>The deadline passed without a verdict.</summary>
    public const string Expired = "expired";

    /// <summary>The tier above refused the event for good.</summary>
    public const string Refused = "refused";
}
