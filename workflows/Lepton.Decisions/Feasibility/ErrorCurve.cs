using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Feasibility;

/// <summary>How likely an answer is wrong, by its doubt: sixteen bins of independently labelled events, smoothed towards their common rate.</summary>
public sealed class ErrorCurve
{
    private const int Bins = 16;
    private const double Weight = 2;
    private readonly double[] rates;

    private ErrorCurve(double[] rates) => this.rates = rates;

    /// <summary>The curve before any label: every answer may as well be wrong as right.</summary>
    public static ErrorCurve Unknown { get; } = new([.. Enumerable.Repeat(0.5, Bins)]);

    /// <summary>The curve of a set of labels; their order does not matter.</summary>
    public static ErrorCurve Of(ReadOnlySpan<Label> labels)
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

        return new(rates);
    }

    /// <summary>The probability that an answer of this doubt is wrong; 1 for a doubt that is no number.</summary>
    public double At(double doubt) => double.IsNaN(doubt) ? 1 : rates[BinOf(doubt)];

    private static int BinOf(double doubt) => Math.Clamp((int)(doubt * Bins), 0, Bins - 1);
}
