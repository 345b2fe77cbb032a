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

    /// <summary>The probability that an answer of this doubt is wrong; 1 for a doubt that is no number. Between the middles of bins it is interpolated, so that a price can tell apart what shares a bin.</summary>
    public double At(double doubt)
    {
        if (double.IsNaN(doubt))
        {
            return 1;
        }

        var place = (Math.Clamp(doubt, 0, 1) * Bins) - 0.5;
        var bin = Math.Clamp((int)place, 0, Bins - 2);
        return Math.Clamp(rates[bin] + ((place - bin) * (rates[bin + 1] - rates[bin])), 0, 1);
    }

    private static int BinOf(double doubt) => Math.Clamp((int)(doubt * Bins), 0, Bins - 1);
}
