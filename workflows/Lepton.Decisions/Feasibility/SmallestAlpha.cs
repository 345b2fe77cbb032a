using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Feasibility;

/// <summary>What a budget can buy.</summary>
public static class SmallestAlpha
{
    /// <summary>The risk that is proven at level <paramref name="delta"/> when only the most doubtful <paramref name="share"/> of events is escalated; 1 without labels.</summary>
    public static double For(ReadOnlySpan<Label> labels, double share, double delta)
    {
        if (labels.IsEmpty)
        {
            return 1;
        }

        var sorted = labels.ToArray();
        Array.Sort(sorted, (a, b) => a.Compared.CompareTo(b.Compared));
        var kept = sorted.Length - (int)Math.Floor(Math.Clamp(share, 0, 1) * sorted.Length);
        return kept == 0 ? 0 : BinomialTail.UpperLimit(sorted.Take(kept).Count(label => label.Wrong), sorted.Length, delta);
    }
}
