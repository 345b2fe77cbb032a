namespace Lepton.Decisions.Gates;

/// <summary>Exact tails of the binomial distribution, summed in logarithms so that no count overflows or vanishes.</summary>
public static class BinomialTail
{
    /// <summary>P(Bin(<paramref name="n"/>, <paramref name="p"/>) &lt;= <paramref name="k"/>). O(k).</summary>
    public static double Cdf(int k, int n, double p)
    {
        if (k < 0)
        {
            return 0;
        }

        if (k >= n || p <= 0)
        {
            return 1;
        }

        if (p >= 1)
        {
            return 0;
        }

        var sum = new Walk(n, p);
        while (sum.K < k)
        {
            sum.Next();
        }

        return sum.Cdf;
    }

    /// <summary>The largest k with P(Bin(n, p) &lt;= k) &lt;= <paramref name="delta"/>, or -1 when even k = 0 is likelier than that. O(k).</summary>
    public static int LargestRare(int n, double p, double delta)
    {
        if (n <= 0)
        {
            return -1;
        }

        var sum = new Walk(n, p);
        while (sum.Cdf <= delta && sum.K < n)
        {
            sum.Next();
        }

        return sum.K - 1;
    }

    /// <summary>
    /// Clopper and Pearson's upper limit: the smallest rate that <paramref name="errors"/> of <paramref name="n"/> refute at level
    /// <paramref name="delta"/>. 1 without data.
    /// </summary>
    public static double UpperLimit(int errors, int n, double delta) =>
        n <= 0 || errors >= n ? 1 : Bisect(p => Cdf(errors, n, p) > delta);

    /// <summary>Clopper and Pearson's lower limit: the largest rate that the data refute at level <paramref name="delta"/>. 0 without errors.</summary>
    public static double LowerLimit(int errors, int n, double delta) =>
        n <= 0 || errors <= 0 ? 0 : Bisect(p => 1 - Cdf(errors - 1, n, p) < delta);

    private static double Bisect(Func<double, bool> below)
    {
        double low = 0, high = 1;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (below(middle))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return (low + high) / 2;
    }

    // The running sum of the terms 0..K as exp(largest) * scaled.
    private struct Walk
    {
        private readonly int n;
        private readonly double odds;
        private double term;
        private double largest;
        private double scaled = 1;

        public Walk(int n, double p)
        {
            this.n = n;
            odds = Math.Log(p) - Math.Log(1 - p);
            term = largest = n * Math.Log(1 - p);
        }

        public int K { get; private set; }

        public readonly double Cdf => Math.Min(1, Math.Exp(largest) * scaled);

        public void Next()
        {
            K++;
            term += Math.Log((double)(n - K + 1) / K) + odds;
            if (term > largest)
            {
                scaled = (scaled * Math.Exp(largest - term)) + 1;
                largest = term;
            }
            else
            {
                scaled += Math.Exp(term - largest);
            }
        }
    }
}
