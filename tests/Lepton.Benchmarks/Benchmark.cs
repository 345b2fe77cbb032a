namespace Lepton.Benchmarks;

/// <summary>One subject, measured in several ways beside each other. To add one: a class in a folder named after its room, and its line in Program.cs.</summary>
internal abstract class Benchmark
{
    /// <summary>One word, for the command line.</summary>
    public abstract string Name { get; }

    public abstract string What { get; }

    public abstract Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation);
}

/// <summary>One line of the table.</summary>
/// <param name="Case">What was done; rows of the same case are compared with each other.</param>
/// <param name="Way">Who did it: ours, a peer or a bare loop. The first row of a case is what the others are held against.</param>
/// <param name="Unit">Unit of the figures; for ns, us, ms and bytes less is better, for a rate such as 1/s more is.</param>
/// <param name="Median">Of the rounds.</param>
/// <param name="Low">The quarter of the rounds below.</param>
/// <param name="High">The quarter of the rounds above.</param>
/// <param name="Bytes">Allocated per operation; null when not measured.</param>
/// <param name="Limit">What the median must not exceed (must reach, for a rate); null without a claim.</param>
/// <param name="MostBytes">What must not be exceeded per operation; null without a claim.</param>
internal sealed record Row(string Case, string Way, string Unit, double Median, double Low, double High, double? Bytes = null, double? Limit = null, double? MostBytes = null)
{
    public bool IsRate => Unit.EndsWith("/s", StringComparison.Ordinal);

    /// <summary>Whether the claims hold; null when there are none.</summary>
    public bool? Holds => Limit is null && MostBytes is null ? null : !(IsRate ? Median < Limit : Median > Limit) && !(Bytes > MostBytes);

    /// <summary>A row of measurements, one a round.</summary>
    public static Row Of(string @case, string way, string unit, IEnumerable<double> rounds, double? bytes = null, double? limit = null, double? mostBytes = null)
    {
        double[] sorted = [.. rounds.Order()];
        return new(@case, way, unit, (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[sorted.Length / 4], sorted[sorted.Length - 1 - (sorted.Length / 4)], bytes, limit, mostBytes);
    }
}
