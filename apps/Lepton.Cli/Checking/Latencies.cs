namespace Lepton.Cli.Checking;

/// <summary>Latencies in buckets that grow by 2 %: quantiles are right to a hundredth, whatever the number of events.</summary>
internal sealed class Latencies
{
    private const double Growth = 1.02;
    private const double Least = 0.1;
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly long[] buckets = new long[1024];
    private long count;

    public void Add(TimeSpan latency)
    {
        var milliseconds = Math.Max(latency.TotalMilliseconds, Least);
        buckets[Math.Min((int)(Math.Log(milliseconds / Least) / LogGrowth), buckets.Length - 1)]++;
        count++;
    }

    /// <summary>The quantile in milliseconds; null without a latency.</summary>
    public double? Quantile(double share)
    {
        if (count == 0)
        {
            return null;
        }

        var rank = (long)Math.Ceiling(share * count);
        var seen = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            seen += buckets[i];
            if (seen >= rank)
            {
                return Math.Round(Least * Math.Pow(Growth, i + 0.5), 2);
            }
        }

        return null;
    }
}
