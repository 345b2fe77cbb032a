using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>The peers' rules on events of a pool: a frame has its boxes, a classifier's answer counts as one box with its best score.</summary>
internal static class PeerRules
{
    public static IEnumerable<(string Name, Func<PoolEvent, bool> Hard)> For(Pool pool)
    {
        yield return ("never", _ => false);
        yield return ("always", _ => true);
        yield return ("random 0.3", one => Salt.Share(Decisions.Gates.HeadSplit.HashOf(one.Id), Draw.Shadow) < 0.3);
        if (pool.HasOwnDoubt && !pool.HasBoxes)
        {
            yield break;
        }

        if (!pool.HasOwnDoubt)
        {
            yield return ("sedna-ce 0.5", one => 1 - one.Reading.Entropy < 0.5);
        }

        yield return ("sedna-threshold 0.5", one => BoxesOf(pool, one) is { Length: > 0 } boxes && boxes.Average() < 0.5);
        yield return ("sedna-ibt 0.5", one => Ibt(BoxesOf(pool, one), 0.5));
        yield return ("sedna-ibt 0.9", one => Ibt(BoxesOf(pool, one), 0.9));
    }

    private static double[] BoxesOf(Pool pool, PoolEvent one) => pool.HasBoxes ? one.Boxes ?? [] : [one.Reading.First];

    // Hard when the share of unsure boxes reaches what is left of the image's threshold; a frame without boxes is accepted.
    private static bool Ibt(double[] boxes, double threshold) => boxes.Length > 0 && boxes.Count(score => score <= threshold) / (double)boxes.Length >= 1 - threshold - 1e-9;
}
