using Lepton.Contracts.Events;

namespace Lepton.Decisions.Gates;

/// <summary>
/// When an answer counts as wrong where labels alone can't say so. Both losses are compared with a stated tolerance, since the exact bound needs
/// a loss of 0 or 1. The class of such an answer is <see cref="Agrees"/>: the reference's is it too, or <see cref="Labels.Label.Missing"/>.
/// </summary>
public static class Disagreement
{
    /// <summary>The class of every detector's and regression's answer, and of a reference that agrees with it.</summary>
    public const int Agrees = 0;

    /// <summary>Whether two values differ by more than the tolerance; a value that is no number differs from all.</summary>
    public static bool Between(double lower, double upper, double tolerance) => !(Math.Abs(lower - upper) <= tolerance);

    /// <summary>Whether the loss of a frame's boxes exceeds the tolerance.</summary>
    /// <param name="lower">The edge's boxes.</param>
    /// <param name="upper">The reference's boxes.</param>
    /// <param name="tolerance">The loss allowed, from 0 (every box must match) to 1.</param>
    /// <param name="overlap">The least intersection over union of two boxes that match.</param>
    public static bool Between(IReadOnlyList<Box> lower, IReadOnlyList<Box> upper, double tolerance, double overlap = 0.5) => Loss(lower, upper, overlap) > tolerance;

    /// <summary>The share of boxes on both sides without a match of the same class on the other: 0 for two empty frames, 1 when nothing matches. Boxes are matched greedily by overlap.</summary>
    public static double Loss(IReadOnlyList<Box> lower, IReadOnlyList<Box> upper, double overlap = 0.5)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        if (lower.Count + upper.Count == 0)
        {
            return 0;
        }

        var pairs = new List<(double Overlap, int Lower, int Upper)>();
        for (var i = 0; i < lower.Count; i++)
        {
            for (var j = 0; j < upper.Count; j++)
            {
                if (lower[i].Label == upper[j].Label && OverlapOf(lower[i], upper[j]) is var shared && shared >= overlap)
                {
                    pairs.Add((shared, i, j));
                }
            }
        }

        pairs.Sort((a, b) => b.Overlap.CompareTo(a.Overlap));
        HashSet<int> takenLower = [], takenUpper = [];
        var matched = 0;
        foreach (var (_, i, j) in pairs)
        {
            if (!takenLower.Contains(i) && !takenUpper.Contains(j))
            {
                takenLower.Add(i);
                takenUpper.Add(j);
                matched++;
            }
        }

        return 1 - (2.0 * matched / (lower.Count + upper.Count));
    }

    /// <summary>Intersection over union of two boxes, from 0 to 1.</summary>
    public static double OverlapOf(Box first, Box second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var width = Math.Min(first.X + first.Width, second.X + second.Width) - Math.Max(first.X, second.X);
        var height = Math.Min(first.Y + first.Height, second.Y + second.Height) - Math.Max(first.Y, second.Y);
        if (!(width > 0 && height > 0))
        {
            return 0;
        }

        var shared = width * height;
        return shared / ((first.Width * first.Height) + (second.Width * second.Height) - shared);
    }
}

/// <summary>How unsure a frame is, from its boxes and from what moved without a box.</summary>
public static class FrameDoubt
{
    /// <summary>The doubt of a frame in which nothing was found and nothing moved: what a detector overlooks it can't be unsure of.</summary>
    public const double Empty = 0.05;

    /// <summary>
    /// The share of a frame's evidence that does not stand: a box counts 1 - score, a motion blob that no box explains counts whole. An empty, still
    /// frame has <see cref="Empty"/>. NaN, which no gate accepts, when a score is no probability or the number of blobs is negative.
    /// </summary>
    public static double Of(ReadOnlySpan<double> boxScores, int unexplainedBlobs)
    {
        if (unexplainedBlobs < 0)
        {
            return double.NaN;
        }

        if (boxScores.Length + unexplainedBlobs == 0)
        {
            return Empty;
        }

        double doubt = unexplainedBlobs;
        foreach (var score in boxScores)
        {
            if (!(score is >= 0 and <= 1))
            {
                return double.NaN;
            }

            doubt += 1 - score;
        }

        return doubt / (boxScores.Length + unexplainedBlobs);
    }
}
