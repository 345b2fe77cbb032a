namespace Lepton.Cli.Gates.Benchmark;

/// <summary>Events that come one after the other, and whose nature can change on the way.</summary>
internal interface IEventStream
{
    ScoreStream.Sample Next();

    void Shift(Drift drift);
}

/// <summary>How a stream changes in its middle.</summary>
internal enum Drift
{
    None,

    /// <summary>What is hard for the edge becomes five times as frequent.</summary>
    Harder,

    /// <summary>The inputs, and with them the scores, get noisier; only a generator can do that.</summary>
    Noisier,
}

/// <summary>
/// Draws a pool's events again and again. Hard are those of predicted classes that are wrong oftener than all are, or, of answers that bring their own doubt, the more
/// doubtful half.
/// </summary>
internal sealed class PoolStream(Pool pool, int seed) : IEventStream
{
    public const double Weight = 5;
    private readonly Random random = new(seed);
    private readonly bool[] hard = Hard(pool);
    private double weight = 1;

    public ScoreStream.Sample Next()
    {
        while (true)
        {
            var at = random.Next(pool.Events.Length);
            if (hard[at] || random.NextDouble() * weight < 1)
            {
                var one = pool.Events[at];
                return new(one.Scores, one.Reference, one.Inputs);
            }
        }
    }

    public void Shift(Drift drift) => weight = drift == Drift.Harder ? Weight : 1;

    /// <summary>Whether a gate calibrated before the shift would exceed alpha after it.</summary>
    public static bool IsHarmful(Pool pool, double alpha)
    {
        double[] wrong = [.. pool.Events.Where(one => one.Wrong).Select(one => one.Doubt).Order()];
        var order = new Decisions.Gates.Guarantee(alpha).Order(2000) * pool.Events.Length / 2000;
        var threshold = wrong.Length > order ? wrong[order] : double.PositiveInfinity;
        var hard = Hard(pool);
        double all = 0, lost = 0;
        for (var i = 0; i < hard.Length; i++)
        {
            var times = hard[i] ? Weight : 1;
            all += times;
            lost += pool.Events[i].Wrong && pool.Events[i].Doubt < threshold ? times : 0;
        }

        return lost / all > alpha;
    }

    private static bool[] Hard(Pool pool)
    {
        if (pool.HasOwnDoubt)
        {
            var median = pool.Events.Select(one => one.Doubt).Order().ElementAt(pool.Events.Length / 2);
            return [.. pool.Events.Select(one => one.Doubt >= median)];
        }

        var wrong = pool.Events.GroupBy(one => one.Reading.Predicted).ToDictionary(same => same.Key, same => same.Count(one => one.Wrong) / (double)same.Count());
        return [.. pool.Events.Select(one => wrong[one.Reading.Predicted] > pool.Disagreement)];
    }
}
