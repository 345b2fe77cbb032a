namespace Lepton.Decisions.Gates;

/// <summary>One labelled event to fit a head on.</summary>
/// <param name="Reading">What was read out of its scores.</param>
/// <param name="Inputs">Its inputs; empty when there are none.</param>
/// <param name="Wrong">Whether the reference disagreed.</param>
public readonly record struct HeadSample(ScoreReading Reading, float[] Inputs, bool Wrong);

/// <summary>Fits heads. Never on the events that calibrate the gate: fit on one half of the labels, calibrate on the other.</summary>
public static class HeadFit
{
    /// <summary>Fewer labels than this are better spent on calibrating: splitting them costs more than a head gains.</summary>
    public const int LeastLabels = 2000;

    /// <summary>The share of escalations that a head must save on held-out labels to be taken.</summary>
    public const double LeastGain = 0.10;

    private const double Ridge = 1;
    private const int MostSteps = 25;

    /// <summary>
    /// The head fitted on the samples, or null when the plain doubt does as well: two thirds of the samples fit it, the others, every third, say what it
    /// saves at a risk of <paramref name="alpha"/>; then all fit it. Null too without samples of both outcomes.
    /// </summary>
    /// <param name="samples">The fit half of the labels.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="alpha">The risk at which escalations are compared.</param>
    /// <param name="gain">The share of escalations saved on the held-out part; negative when the head is worse.</param>
    public static GateHead? Choose(IReadOnlyList<HeadSample> samples, int classes, double alpha, out double gain)
    {
        ArgumentNullException.ThrowIfNull(samples);
        gain = 0;
        var trial = Fit([.. samples.Where((_, i) => i % 3 != 0)], classes);
        if (trial is null)
        {
            return null;
        }

        HeadSample[] held = [.. samples.Where((_, i) => i % 3 == 0)];
        var plain = Escalated(held, sample => sample.Reading.Doubt, alpha);
        var byHead = Escalated(held, sample => trial.Probability(sample.Reading, sample.Inputs), alpha);
        gain = plain > 0 ? 1 - (byHead / plain) : 0;
        return gain >= LeastGain ? Fit(samples, classes) : null;
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

    private static double Escalated(HeadSample[] held, Func<HeadSample, double> doubt, double alpha)
    {
        var ranked = held.Select(sample => (Doubt: doubt(sample), sample.Wrong)).OrderBy(pair => pair.Doubt).ToArray();
        var allowed = (int)(alpha * held.Length);
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
