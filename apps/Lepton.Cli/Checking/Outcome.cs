using Lepton.Contracts.Events;
using Lepton.Inference.Vision;

namespace Lepton.Cli.Checking;

/// <summary>
/// How well answers agree with the truth, as counts that add up. A label is one decision. For boxes each real object is one decision and each box
/// that is none is a wrong one, as <see cref="FrameMatch"/> has it: accuracy is found / (objects + false boxes),
/// sensitivity found / objects, specificity the share of empty frames that were left empty.
/// </summary>
internal readonly record struct Outcome(long Right, long All, long TruePositive, long Positive, long TrueNegative, long Negative)
{
    public double? Accuracy => Share(Right, All);

    public double? Sensitivity => Share(TruePositive, Positive);

    public double? Specificity => Share(TrueNegative, Negative);

    public static Outcome operator +(Outcome a, Outcome b) => new(
        a.Right + b.Right, a.All + b.All, a.TruePositive + b.TruePositive, a.Positive + b.Positive, a.TrueNegative + b.TrueNegative, a.Negative + b.Negative);

    public static Outcome operator -(Outcome a, Outcome b) => new(
        a.Right - b.Right, a.All - b.All, a.TruePositive - b.TruePositive, a.Positive - b.Positive, a.TrueNegative - b.TrueNegative, a.Negative - b.Negative);

    /// <summary>Scores one answer; no answer is a wrong one.</summary>
    public static Outcome Of(Truth truth, string? label, IReadOnlyList<Box>? boxes, string? positiveLabel)
    {
        if (truth.Boxes is { } objects)
        {
            return OfBoxes(objects, boxes ?? []);
        }

        var right = label == truth.Label ? 1 : 0;
        if (positiveLabel is null)
        {
            return new Outcome(right, 1, 0, 0, 0, 0);
        }

        return truth.Label == positiveLabel ? new Outcome(right, 1, right, 1, 0, 0) : new Outcome(right, 1, 0, 0, label is not null && label != positiveLabel ? 1 : 0, 1);
    }

    private static Outcome OfBoxes(IReadOnlyList<TrueBox> objects, IReadOnlyList<Box> boxes)
    {
        var match = FrameMatch.Of(boxes, objects);
        var empty = match.Objects == 0 ? 1 : 0;
        return new Outcome(match.Found, match.Objects + match.False, match.Found, match.Objects, empty == 1 && match.False == 0 ? 1 : 0, empty);
    }

    private static double? Share(long part, long all) => all == 0 ? null : (double)part / all;
}
