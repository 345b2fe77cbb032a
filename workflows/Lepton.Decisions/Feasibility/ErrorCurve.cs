using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Feasibility;

/// <summary>
/// How likely an answer is wrong, by its doubt and its class: sixteen bins of independently labelled events, smoothed towards their common rate, times how much
/// oftener than its doubts say the class was wrong. The second tells apart what the doubt can't: a class that is doubted as much and wrong twice as often.
/// </summary>
public sealed class ErrorCurve
{
    private const int Bins = 16;
    private const double Weight = 2;
    private const double ClassWeight = 4;
    private readonly double[] rates;
    private readonly double[] factors;

    private ErrorCurve(double[] rates, double[] factors) => (this.rates, this.factors) = (rates, factors);

    /// <summary>The curve before any label: every answer may as well be wrong as right.</summary>
    public static ErrorCurve Unknown { get; } = new([.. Enumerable.Repeat(0.5, Bins)], []);

    /// <summary>The curve of a set of labels; their order does not matter.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="classes">Number of classes; 0 to go by the doubt alone.</param>
    public static ErrorCurve Of(ReadOnlySpan<Label> labels, int classes = 0)
    {
        if (labels.IsEmpty)
        {
            return Unknown;
        }

        Span<int> all = stackalloc int[Bins];
        Span<int> wrong = stackalloc int[Bins];
        all.Clear();
        wrong.Clear();
        var errors = 0;
        foreach (var label in labels)
        {
            var bin = BinOf(label.Doubt);
            all[bin]++;
            if (label.Wrong)
            {
                wrong[bin]++;
                errors++;
            }
        }

        var rates = new double[Bins];
        var common = (errors + 1.0) / (labels.Length + 2.0);
        for (var bin = 0; bin < Bins; bin++)
        {
            rates[bin] = (wrong[bin] + (Weight * common)) / (all[bin] + Weight);
        }

        return new(rates, FactorsOf(labels, new(rates, []), classes));
    }

    /// <summary>The probability that an answer of this doubt and class is wrong; 1 for a doubt that is no number. Between the middles of bins it is interpolated, so that a price can tell apart what shares a bin.</summary>
    public double At(double doubt, int predicted = -1)
    {
        if (double.IsNaN(doubt))
        {
            return 1;
        }

        var place = (Math.Clamp(doubt, 0, 1) * Bins) - 0.5;
        var bin = Math.Clamp((int)place, 0, Bins - 2);
        var rate = Math.Clamp(rates[bin] + ((place - bin) * (rates[bin + 1] - rates[bin])), 0, 1);
        return (uint)predicted < (uint)factors.Length ? Math.Min(1, rate * factors[predicted]) : rate;
    }

    private static double[] FactorsOf(ReadOnlySpan<Label> labels, ErrorCurve plain, int classes)
    {
        var expected = new double[classes];
        var wrong = new double[classes];
        foreach (var label in labels)
        {
            if ((uint)label.Predicted < (uint)classes)
            {
                expected[label.Predicted] += plain.At(label.Doubt);
                wrong[label.Predicted] += label.Wrong ? 1 : 0;
            }
        }

        // A class of few labels is as good as all are.
        for (var c = 0; c < classes; c++)
        {
            expected[c] = (wrong[c] + ClassWeight) / (expected[c] + ClassWeight);
        }

        return expected;
    }

    private static int BinOf(double doubt) => Math.Clamp((int)(doubt * Bins), 0, Bins - 1);
}
