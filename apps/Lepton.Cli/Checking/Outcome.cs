using Lepton.Contracts.Events;

namespace Lepton.Cli.Checking;

/// <summary>
/// How well answers agree with the truth, as counts that add up. A label is one decision. For boxes each real object is one, found where a box of the
/// same label overlaps it by half, and each box that is none is a wrong one.
/// </summary>
internal readonly record struct Outcome(long Right, long All, long TruePositive, long Positive, long TrueNegative, long Negative)
{
    private const double SameObject = 0.5;

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

    private static Outcome OfBoxes(IReadOnlyList<Box> objects, IReadOnlyList<Box> boxes)
    {
        var free = objects.ToList();
        var found = 0;
        foreach (var box in boxes.OrderByDescending(box => box.Score))
        {
            var best = free.Where(candidate => candidate.Label == box.Label).MaxBy(candidate => Overlap(candidate, box));
            if (best is not null && Overlap(best, box) >= SameObject)
            {
                free.Remove(best);
                found++;
            }
        }

        return new Outcome(found, objects.Count + boxes.Count - found, found, objects.Count, 0, 0);
    }

    private static double Overlap(Box a, Box b)
    {
        var width = Math.Min(a.X + a.Width, b.X + b.Width) - Math.Max(a.X, b.X);
        var height = Math.Min(a.Y + a.Height, b.Y + b.Height) - Math.Max(a.Y, b.Y);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        var common = width * height;
        return common / ((a.Width * a.Height) + (b.Width * b.Height) - common);
    }

    private static double? Share(long part, long all) => all == 0 ? null : (double)part / all;
}
