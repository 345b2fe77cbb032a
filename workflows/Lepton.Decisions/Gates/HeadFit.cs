namespace Lepton.Decisions.Gates;

/// <summary>One labelled event to fit a head on.</summary>
/// <param name="Reading">What was read out of its scores.</param>
/// <param name="Inputs">Its inputs; empty when there are none.</param>
/// <param name="Wrong">Whether the reference disagreed.</param>
public readonly record struct HeadSample(ScoreReading Reading, float[] Inputs, bool Wrong);

/// <summary>Which doubt the gate compares.</summary>
public enum HeadKind
{
    /// <summary>The plain one.</summary>
    None,

    /// <summary>A <see cref="GateHead"/>.</summary>
    Logistic,

    /// <summary>Boosted trees outside of this library, whose doubt comes with each event.</summary>
    Boosted,
}

/// <summary>What was chosen.</summary>
/// <param name="Kind">Which doubt.</param>
/// <param name="Gain">The share of escalations saved on the held-out labels by it, or by the best head when none was taken; negative when heads are worse, null when the labels were too few to tell.</param>
/// <param name="Logistic">The logistic head when it was chosen.</param>
public sealed record HeadVerdict(HeadKind Kind, double? Gain, GateHead? Logistic);

/// <summary>Fits heads. Never on the events that calibrate the gate: fit on one half of the labels, calibrate on the other.</summary>
public static class HeadFit
{
    /// <summary>Fewer labels than this are better spent on calibrating: splitting them costs more than a head gains.</summary>
    public const int LeastLabels = 2000;

    /// <summary>The share of escalations that a head must save on held-out labels to be taken.</summary>
    public const double LeastGain = 0.10;

    /// <summary>With fewer errors than these allowed on the held-out labels the comparison is a throw of dice, and the plain doubt is kept.</summary>
    public const int LeastErrors = 5;

    private const double Ridge = 1;
    private const int MostSteps = 25;
    private static readonly double[] Risks = [0.5, 1, 2];

    /// <summary>
    /// Which doubt escalates least on held-out labels: the plain one, a logistic head, or a boosted one fitted elsewhere. A head is taken only when it saves
    /// <see cref="LeastGain"/>; a logistic one is then fitted anew on all samples.
    /// </summary>
    /// <param name="fits">The labels that heads are fitted on.</param>
    /// <param name="held">The labels that choose; none of them may have fitted the boosted head, and none of either calibrates the gate.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="alpha">The risk around which escalations are compared: at a half, the whole and twice of it, since few errors decide at one.</param>
    /// <param name="boosted">The boosted head's doubts of the held labels, in their order; null when there is none.</param>
    public static HeadVerdict Choose(IReadOnlyList<HeadSample> fits, IReadOnlyList<HeadSample> held, int classes, double alpha, IReadOnlyList<double>? boosted = null)
    {
        ArgumentNullException.ThrowIfNull(fits);
        ArgumentNullException.ThrowIfNull(held);
        if (alpha * held.Count < LeastErrors)
        {
            return new(HeadKind.None, null, null);
        }

        double Cost(Func<int, double> doubt) => Risks.Average(times => Escalated(Enumerable.Range(0, held.Count).Select(i => (doubt(i), held[i].Wrong)), times * alpha));
        var plain = Cost(i => held[i].Reading.Doubt);
        double Gain(double cost) => plain > 0 ? 1 - (cost / plain) : 0;
        var trial = Fit(fits, classes);
        var logistic = trial is null ? 0 : Gain(Cost(i => trial.Probability(held[i].Reading, held[i].Inputs)));
        var trees = boosted is null ? double.NegativeInfinity : Gain(Cost(i => boosted[i]));
        return trees >= LeastGain && trees > logistic ? new(HeadKind.Boosted, trees, null)
            : logistic >= LeastGain ? new(HeadKind.Logistic, logistic, Fit([.. fits, .. held], classes))
            : new(HeadKind.None, Math.Max(logistic, trees), null);
    }

    /// <summary>The share of labels that must escalate for the risk on them to be at most <paramref name="alpha"/>.</summary>
    public static double Escalated(IEnumerable<(double Doubt, bool Wrong)> labels, double alpha)
    {
        var ranked = labels.OrderBy(label => label.Doubt).ToArray();
        var allowed = (int)(alpha * ranked.Length);
        var wrong = 0;
        for (var i = 0; i < ranked.Length; i++)
        {
            wrong += ranked[i].Wrong ? 1 : 0;
            if (wrong > allowed)
            {
                return (double)(ranked.Length - i) / ranked.Length;
            }
        }

        return 0;
    }

    /// <summary>Fits a head by Newton's method with a ridge on standardised features. Null without samples of both outcomes.</summary>
    public static GateHead? Fit(IReadOnlyList<HeadSample> samples, int classes)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (!samples.Any(sample => sample.Wrong) || samples.All(sample => sample.Wrong))
        {
            return null;
        }

        var inputs = samples[0].Inputs.Length;
        var width = GateHead.Width(classes, inputs);
        var rows = new double[samples.Count][];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new double[width];
            GateHead.Fill(samples[i].Reading, samples[i].Inputs, classes, rows[i]);
        }

        var (means, scales) = Standardise(rows, width);
        var standard = Newton(rows, samples, width);
        if (standard is null)
        {
            return null;
        }

        // The scale goes into the weights, so that deciding is one dot product on raw features.
        var weights = new double[width + 1];
        weights[0] = standard[width];
        for (var j = 0; j < width; j++)
        {
            weights[j + 1] = scales[j] > 0 ? standard[j] / scales[j] : 0;
            weights[0] -= weights[j + 1] * means[j];
        }

        return new GateHead(classes, weights);
    }

    private static (double[] Means, double[] Scales) Standardise(double[][] rows, int width)
    {
        var means = new double[width];
        var scales = new double[width];
        for (var j = 0; j < width; j++)
        {
            var column = j;
            means[j] = rows.Average(row => row[column]);
            scales[j] = Math.Sqrt(rows.Average(row => (row[column] - means[column]) * (row[column] - means[column])));
            foreach (var row in rows)
            {
                row[j] = scales[j] > 0 ? (row[j] - means[j]) / scales[j] : 0;
            }
        }

        return (means, scales);
    }

    private static double[]? Newton(double[][] rows, IReadOnlyList<HeadSample> samples, int width)
    {
        var weights = new double[width + 1];
        var gradient = new double[width + 1];
        var hessian = new double[width + 1, width + 1];
        for (var step = 0; step < MostSteps; step++)
        {
            Array.Clear(gradient);
            Array.Clear(hessian);
            for (var i = 0; i < rows.Length; i++)
            {
                Accumulate(rows[i], samples[i].Wrong, weights, gradient, hessian);
            }

            for (var j = 0; j < width; j++)
            {
                gradient[j] += Ridge * weights[j];
                hessian[j, j] += Ridge;
            }

            if (Cholesky.Solve(hessian, gradient) is not { } change)
            {
                return null;
            }

            var largest = 0.0;
            for (var j = 0; j <= width; j++)
            {
                weights[j] -= change[j];
                largest = Math.Max(largest, Math.Abs(change[j]));
            }

            if (largest < 1e-8)
            {
                break;
            }
        }

        return weights.All(double.IsFinite) ? weights : null;
    }

    private static void Accumulate(double[] row, bool wrong, double[] weights, double[] gradient, double[,] hessian)
    {
        var width = row.Length;
        var sum = weights[width];
        for (var j = 0; j < width; j++)
        {
            sum += weights[j] * row[j];
        }

        var p = 1 / (1 + Math.Exp(-sum));
        double error = p - (wrong ? 1 : 0), curve = Math.Max(p * (1 - p), 1e-9);
        for (var j = 0; j <= width; j++)
        {
            var x = j == width ? 1 : row[j];
            if (x == 0)
            {
                continue;
            }

            gradient[j] += error * x;
            for (var k = 0; k <= j; k++)
            {
                hessian[j, k] += curve * x * (k == width ? 1 : row[k]);
            }
        }
    }
}
