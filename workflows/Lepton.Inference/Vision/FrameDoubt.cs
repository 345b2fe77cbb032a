using Lepton.Contracts.Resources;

namespace Lepton.Inference.Vision;

/// <summary>
/// How unsure a tier is of a whole frame: 1 minus the chance that every box is right and none is missing, taken as the product of the chances of
/// its parts. A fixed rule from figures in model.yaml, not a guarantee: the gate that learns its threshold from verdicts takes this as its score.
/// </summary>
/// <param name="Keep">Boxes from this score on are in the answer; those below are only doubted.</param>
/// <param name="Scores">Rising box scores for which it was measured how often a box is right.</param>
/// <param name="Right">How often it is, 0..1, for each of <paramref name="Scores"/>; straight lines between.</param>
/// <param name="Unexplained">Chance that a blob of motion which no box explains is a missed object.</param>
/// <param name="Empty">Chance that a frame without a box has one.</param>
internal sealed record FrameDoubt(double Keep, IReadOnlyList<double> Scores, IReadOnlyList<double> Right, double Unexplained, double Empty)
{
    /// <summary>Below this score a box is noise and says nothing.</summary>
    public double Floor => Math.Min(Keep, Scores[0]);

    /// <summary>Reads `keep` and `doubt: {scores, right, unexplained, empty}` of a model's spec.</summary>
    public static FrameDoubt Read(YamlMap spec)
    {
        var keep = spec.Number("keep", 0.4, 0, 1);
        if (spec.Map("doubt") is not { } doubt)
        {
            return new FrameDoubt(keep, [0, 1], [0, 1], 0, 0);
        }
        var (scores, right) = (doubt.Numbers("scores"), doubt.Numbers("right"));
        if (scores.Count < 2 || scores.Count != right.Count || scores.Zip(scores.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            doubt.Report("scores", $"has {scores.Count} numbers and `right` {right.Count}", "write at least two rising scores, and for each how often a box of that score is right: `scores: [0.1, 0.9]`, `right: [0.05, 0.95]`");
            (scores, right) = ([0, 1], [0, 1]);
        }
        var read = new FrameDoubt(keep, scores, right, doubt.Number("unexplained", 0, 0, 1), doubt.Number("empty", 0, 0, 1));
        doubt.Close();
        return read;
    }

    /// <summary>The uncertainty of a frame, 0..1.</summary>
    /// <param name="found">Its boxes, those below <see cref="Keep"/> too.</param>
    /// <param name="unexplained">Blobs of motion that no kept box explains.</param>
    public double Of(IReadOnlyList<Detection> found, int unexplained)
    {
        var (sure, kept) = (1.0, 0);
        foreach (var box in found)
        {
            var right = RightAt(box.Score);
            var isKept = box.Score >= Keep;
            sure *= isKept ? right : 1 - right;
            kept += isKept ? 1 : 0;
        }
        return 1 - sure * Math.Pow(1 - Unexplained, unexplained) * (kept == 0 ? 1 - Empty : 1);
    }

    /// <summary>How often a box of this score is right.</summary>
    public double RightAt(double score)
    {
        if (score <= Scores[0])
        {
            return score < Scores[0] ? 0 : Right[0];
        }
        for (var i = 1; i < Scores.Count; i++)
        {
            if (score <= Scores[i])
            {
                return Right[i - 1] + (Right[i] - Right[i - 1]) * (score - Scores[i - 1]) / (Scores[i] - Scores[i - 1]);
            }
        }
        return Right[^1];
    }
}
