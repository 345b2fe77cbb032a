namespace Lepton.Decisions.Drift;

/// <summary>The two-sample statistic of Kolmogorov and Smirnov.</summary>
public static class KolmogorovSmirnov
{
    /// <summary>The largest distance between the two empirical distributions, from 0 to 1; 0 when one sample is empty. Both must be ascending.</summary>
    public static double Distance(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        if (first.IsEmpty || second.IsEmpty)
        {
            return 0;
        }

        double largest = 0, inFirst = 1.0 / first.Length, inSecond = 1.0 / second.Length;
        int i = 0, j = 0;
        while (i < first.Length && j < second.Length)
        {
            // Equal values are stepped over together: between them there is no distribution to compare.
            var value = Math.Min(first[i], second[j]);
            while (i < first.Length && first[i] <= value)
            {
                i++;
            }

            while (j < second.Length && second[j] <= value)
            {
                j++;
            }

            largest = Math.Max(largest, Math.Abs((i * inFirst) - (j * inSecond)));
        }

        return largest;
    }

    /// <summary>The distance from which on an alarm is due: constant * sqrt(1/n + 1/m).</summary>
    public static double Limit(double constant, int n, int m) => constant * Math.Sqrt((1.0 / n) + (1.0 / m));
}
