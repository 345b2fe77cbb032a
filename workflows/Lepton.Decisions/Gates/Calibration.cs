namespace Lepton.Decisions.Gates;

/// <summary>A threshold and the labels it rests on.</summary>
/// <param name="Labels">Labelled events, chosen without looking at their doubt.</param>
/// <param name="Errors">Those on which edge and reference disagreed.</param>
/// <param name="Order">Which error's doubt is the threshold, counted from 1; 0 when there are too few labels.</param>
/// <param name="Threshold">Accepted strictly below: negative infinity accepts nothing, positive infinity everything.</param>
/// <param name="Bound">The risk that the labels prove not to be exceeded, in the sense of the guarantee's mode; 0 when nothing is accepted.</param>
public readonly record struct Calibration(int Labels, int Errors, int Order, double Threshold, double Bound)
{
    /// <summary>A gate that has learned nothing and accepts nothing.</summary>
    public static Calibration Closed => new(0, 0, 0, double.NegativeInfinity, 0);

    /// <summary>The threshold from <paramref name="labels"/> events of which those in <paramref name="wrong"/> (their doubts, ascending) were errors.</summary>
    public static Calibration Of(int labels, ReadOnlySpan<double> wrong, Guarantee guarantee)
    {
        var order = guarantee.Order(labels);
        if (order == 0)
        {
            return new(labels, wrong.Length, 0, double.NegativeInfinity, 0);
        }

        var threshold = wrong.Length >= order ? wrong[order - 1] : double.PositiveInfinity;
        var below = Math.Min(order - 1, wrong.Length);
        var bound = guarantee.Mode == GuaranteeMode.Expected
            ? (below + 1.0) / (labels + 1.0)
            : BinomialTail.UpperLimit(below, labels, guarantee.Delta);
        return new(labels, wrong.Length, order, threshold, bound);
    }
}
