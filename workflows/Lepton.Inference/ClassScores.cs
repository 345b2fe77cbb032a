using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;

namespace Lepton.Inference;

/// <summary>Turns label scores into an answer, with the uncertainty that the pipeline's gate compares.</summary>
internal static class ClassScores
{
    internal static Answer Answer(TierModel tier, string[] labels, double[] scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            best = scores[i] > scores[best] ? i : best;
        }
        return new Answer
        {
            Tier = tier.Tier,
            Model = tier.Model.Id,
            Label = labels[best],
            Labels = labels,
            Scores = scores,
            Uncertainty = Uncertainty(tier.Pipeline.Gate, scores, best),
        };
    }

    internal static double Uncertainty(GatePlan gate, ReadOnlySpan<double> scores, int best)
    {
        double second = 0, entropy = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            second = i == best ? second : Math.Max(second, scores[i]);
            entropy -= scores[i] > 0 ? scores[i] * Math.Log(scores[i]) : 0;
        }
        return gate.Score switch
        {
            "top" => 1 - scores[best],
            "entropy" => scores.Length > 1 ? entropy / Math.Log(scores.Length) : 0,
            _ => 1 - (scores[best] - second),
        };
    }
}
