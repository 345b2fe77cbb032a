using Lepton.Contracts.Events;

namespace Lepton.Decisions;

/// <summary>How unsure an answer is, and whether its scores can be believed at all. Fails closed: what cannot be measured is never accepted.</summary>
public static class Uncertainty
{
    private const double Slack = 1e-6;
    private const double SumSlack = 1e-3;

    /// <summary>
    /// The uncertainty of an answer from 0 to 1 by <paramref name="score"/> (<c>margin</c>, <c>top</c> or <c>entropy</c>), or null with the reason
    /// (<see cref="Reason.InvalidScores"/>, <see cref="Reason.Unmeasured"/>) why there is none. Answers without scores bring their own.
    /// </summary>
    public static double? Of(Answer answer, string score, out string reason)
    {
        ArgumentNullException.ThrowIfNull(answer);
        reason = Reason.InvalidScores;
        foreach (var box in answer.Boxes ?? [])
        {
            if (!IsProbability(box.Score) || !double.IsFinite(box.X + box.Y + box.Width + box.Height))
            {
                return null;
            }
        }

        if (answer.Value is { } value && !double.IsFinite(value))
        {
            return null;
        }

        if (answer.Scores is { } scores)
        {
            return AreProbabilities(scores) ? Measure(scores, score) : null;
        }

        if (answer.Uncertainty is not { } own)
        {
            reason = Reason.Unmeasured;
            return null;
        }

        return IsProbability(own) ? Math.Clamp(own, 0, 1) : null;
    }

    private static bool IsProbability(double score) => score is >= -Slack and <= 1 + Slack;

    private static bool AreProbabilities(double[] scores)
    {
        // One class says nothing: its score is 1 whatever the input was.
        if (scores.Length < 2)
        {
            return false;
        }

        var sum = 0.0;
        foreach (var score in scores)
        {
            if (!IsProbability(score))
            {
                return false;
            }

            sum += score;
        }

        return Math.Abs(sum - 1) <= SumSlack;
    }

    private static double Measure(double[] scores, string score)
    {
        double first = 0, second = 0, entropy = 0;
        foreach (var p in scores)
        {
            if (p > first)
            {
                (first, second) = (p, first);
            }
            else if (p > second)
            {
                second = p;
            }

            // p ln p is 0 at p = 0, where the logarithm is not.
            entropy -= p > 0 ? p * Math.Log(p) : 0;
        }

        var uncertainty = score switch
        {
            "top" => 1 - first,
            "entropy" => entropy / Math.Log(scores.Length),
            _ => 1 - (first - second),
        };
        return Math.Clamp(uncertainty, 0, 1);
    }
}
