namespace Lepton.Decisions.Drift;

/// <summary>How far an event's inputs lie from those of the calibration: what a model that is sure and wrong does not say itself.</summary>
public sealed class Novelty
{
    private const double Farthest = 25;
    private readonly float[] medians;
    private readonly float[] scales;

    private Novelty(float[] medians, float[] scales, double limit) => (this.medians, this.scales, Limit) = (medians, scales, limit);

    /// <summary>The novelty that one calibration event in a thousand exceeds.</summary>
    public double Limit { get; }

    /// <summary>Goes on with a scale kept by an earlier process: medians and standard deviations of the inputs, one each, and the limit.</summary>
    public static Novelty Restore(float[] medians, float[] scales, double limit) => new(medians, scales, limit);

    /// <summary>The medians of the inputs.</summary>
    public IReadOnlyList<float> Medians => medians;

    /// <summary>The standard deviations of the inputs.</summary>
    public IReadOnlyList<float> Scales => scales;

    /// <summary>Number of inputs.</summary>
    public int Inputs => medians.Length;

    /// <summary>Learns medians and standard deviations from calibration events, each with the same number of inputs. Null when there are fewer than two or none with inputs.</summary>
    public static Novelty? Learn(IReadOnlyList<float[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count < 2 || inputs[0].Length == 0)
        {
            return null;
        }

        var medians = new float[inputs[0].Length];
        var scales = new float[medians.Length];
        var column = new float[inputs.Count];
        for (var j = 0; j < medians.Length; j++)
        {
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = inputs[i][j];
            }

            Array.Sort(column);
            medians[j] = column[column.Length / 2];
            double mean = column.Average(), variance = column.Average(x => (x - mean) * (x - mean));
            scales[j] = (float)Math.Sqrt(variance);
        }

        var scale = new Novelty(medians, scales, double.PositiveInfinity);
        var seen = inputs.Select(event_ => scale.Of(event_)).Order().ToArray();
        return new Novelty(medians, scales, seen[Math.Min(seen.Length - 1, (int)Math.Ceiling(0.999 * seen.Length))]);
    }

    /// <summary>The root mean square of the standardised inputs, each capped at 5 deviations; NaN when the number of inputs or one of them is wrong.</summary>
    public double Of(ReadOnlySpan<float> inputs)
    {
        if (inputs.Length != medians.Length)
        {
            return double.NaN;
        }

        var sum = 0.0;
        for (var j = 0; j < inputs.Length; j++)
        {
            var off = (double)inputs[j] - medians[j];

            // An input that never varied is new as soon as it differs at all.
            var z2 = scales[j] > 0 ? off * off / ((double)scales[j] * scales[j]) : off == 0 ? 0 : Farthest;
            if (double.IsNaN(z2))
            {
                return double.NaN;
            }

            sum += Math.Min(z2, Farthest);
        }

        return Math.Sqrt(sum / inputs.Length);
    }
}
