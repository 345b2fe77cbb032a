using Lepton.Contracts.Events;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>
/// When an answer counts as wrong where labels alone can't say so. Both losses are compared with a stated tolerance, since the exact bound needs
/// a loss of 0 or 1. The class of such an answer is <see cref="Agrees"/>: the reference's is it too, or <see cref="Labels.Label.Missing"/>.
/// </summary>
public static class Disagreement
{
    /// <summary>The class of every detector's and regression's answer, and of a reference that agrees with it.</summary>
    public const int Agrees = 0;

    /// <summary>Whether every number of an answer is one and its scores are probabilities.</summary>
    public static bool IsBelievable(Answer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        foreach (var box in answer.Boxes ?? [])
        {
            if (!(box.Score is >= 0 and <= 1) || !double.IsFinite(box.X + box.Y + box.Width + box.Height))
            {
                return false;
            }
        }

        return double.IsFinite(answer.Value ?? 0) && answer.Uncertainty is null or >= 0 and <= 1 && (answer.Scores is not { } scores || Scores.Read(scores, ScoreKind.Margin).Valid);
    }

    /// <summary>Whether two tiers say the same of an event: the same label, boxes that match or values that are near, within the tolerance. An answer with none of these agrees with nothing.</summary>
    public static bool Agree(Answer? lower, Answer? upper, Tolerance tolerance)
    {
        if (lower is null || upper is null)
        {
            return false;
        }

        return upper.Boxes is { } boxes ? lower.Boxes is { } others && !Between(others, boxes, tolerance.Loss, tolerance.Overlap)
            : upper.Value is { } value ? lower.Value is { } other && !Between(other, value, tolerance.Loss)
            : upper.Label is not null && upper.Label == lower.Label;
    }

    /// <summary>The class that a label gives as the reference's: the verdict's among the lower tier's classes, or <see cref="Agrees"/>; <see cref="Label.Missing"/> when there is none.</summary>
    public static int ReferenceOf(Answer? lower, Answer? upper, Tolerance tolerance) =>
        upper is null ? Label.Missing
        : lower is { Scores: not null, Labels: { } labels } && upper.Label is { } label ? Array.IndexOf(labels, label)
        : Agree(lower, upper, tolerance) ? Agrees : Label.Missing;

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
                if (lower[i].Label == upper[j].Label && lower[i].Overlap(upper[j]) is var shared && shared >= overlap)
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
}

/// <summary>How far two tiers' answers may differ and still agree.</summary>
/// <param name="Loss">A detector's: the share of boxes without a match, 0..1. A regression's: the difference, in the value's unit.</param>
/// <param name="Overlap">The least intersection over union of two boxes that match.</param>
public readonly record struct Tolerance(double Loss, double Overlap = 0.5);

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
