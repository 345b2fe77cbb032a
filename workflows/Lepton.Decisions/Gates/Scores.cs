namespace Lepton.Decisions.Gates;

/// <summary>How scores become one doubt.</summary>
public enum ScoreKind
{
    /// <summary>1 - (p1 - p2): the default.</summary>
    Margin,

    /// <summary>1 - p1.</summary>
    Top,

    /// <summary>Entropy divided by its largest possible value.</summary>
    Entropy,

    /// <summary>1 / (1 + sum of exp(logit)): needs logits instead of probabilities.</summary>
    Energy,
}

/// <summary>What was read out of one score vector.</summary>
/// <param name="Valid">False when the vector cannot be believed; the other members are then NaN and -1.</param>
/// <param name="Doubt">From 0 (sure) to 1, rounded to single precision, the precision in which labels keep it.</param>
/// <param name="Predicted">Index of the best class.</param>
/// <param name="First">The best probability.</param>
/// <param name="Second">The second best.</param>
/// <param name="Entropy">Normalised entropy, from 0 to 1.</param>
public readonly record struct ScoreReading(bool Valid, double Doubt, int Predicted, double First, double Second, double Entropy)
{
    /// <summary>A vector that cannot be believed.</summary>
    public static ScoreReading Invalid => new(false, double.NaN, -1, double.NaN, double.NaN, double.NaN);

    /// <summary>An answer that measures its own doubt: a detector's or a regression's. Doubts outside 0 to 1 are invalid.</summary>
    public static ScoreReading Own(double doubt) => doubt is >= 0 and <= 1 ? new(true, (float)doubt, 0, 1 - doubt, doubt, doubt) : Invalid;
}

/// <summary>Reads score vectors. Fails closed: what is no distribution is never accepted.</summary>
public static class Scores
{
    private const double Slack = 1e-6;
    private const double SumSlack = 1e-3;

    /// <summary>Reads one vector of probabilities (of logits, for <see cref="ScoreKind.Energy"/>) without allocating.</summary>
    /// <param name="scores">One score per class.</param>
    /// <param name="kind">Which doubt.</param>
    /// <param name="softmax">True when the scores must add up to 1.</param>
    public static ScoreReading Read(ReadOnlySpan<double> scores, ScoreKind kind, bool softmax = true)
    {
        // One class says nothing: its score is 1 whatever the input was.
        if (scores.Length < 2)
        {
            return ScoreReading.Invalid;
        }

        return kind == ScoreKind.Energy ? ReadLogits(scores) : ReadProbabilities(scores, kind, softmax);
    }

    private static ScoreReading ReadProbabilities(ReadOnlySpan<double> scores, ScoreKind kind, bool softmax)
    {
        double first = double.NegativeInfinity, second = double.NegativeInfinity, entropy = 0, sum = 0;
        var predicted = -1;
        for (var i = 0; i < scores.Length; i++)
        {
            var p = scores[i];
            if (!(p is >= -Slack and <= 1 + Slack))
            {
                return ScoreReading.Invalid;
            }

            sum += p;
            if (p > first)
            {
                (first, second, predicted) = (p, first, i);
            }
            else if (p > second)
            {
                second = p;
            }

            // p ln p is 0 at p = 0, where the logarithm is not.
            entropy -= p > 0 ? p * Math.Log(p) : 0;
        }

        if (softmax && !(Math.Abs(sum - 1) <= SumSlack))
        {
            return ScoreReading.Invalid;
        }

        return Reading(kind, predicted, first, second, entropy / Math.Log(scores.Length));
    }

    private static ScoreReading ReadLogits(ReadOnlySpan<double> logits)
    {
        var largest = double.NegativeInfinity;
        foreach (var logit in logits)
        {
            if (!double.IsFinite(logit))
            {
                return ScoreReading.Invalid;
            }

            largest = Math.Max(largest, logit);
        }

        // The largest logit is taken out before exp, so that none overflows.
        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        double first = -1, second = -1, entropy = 0;
        var predicted = -1;
        for (var i = 0; i < logits.Length; i++)
        {
            var p = Math.Exp(logits[i] - largest) / sum;
            if (p > first)
            {
                (first, second, predicted) = (p, first, i);
            }
            else if (p > second)
            {
                second = p;
            }

            entropy -= p > 0 ? p * Math.Log(p) : 0;
        }

        var reading = Reading(ScoreKind.Margin, predicted, first, second, entropy / Math.Log(logits.Length));
        return reading with { Doubt = (float)(1 / (1 + Math.Exp(largest + Math.Log(sum)))) };
    }

    private static ScoreReading Reading(ScoreKind kind, int predicted, double first, double second, double entropy)
    {
        var doubt = kind switch
        {
            ScoreKind.Top => 1 - first,
            ScoreKind.Entropy => entropy,
            _ => 1 - (first - second),
        };
        return new(true, (float)Math.Clamp(doubt, 0, 1), predicted, first, second, Math.Clamp(entropy, 0, 1));
    }
}
