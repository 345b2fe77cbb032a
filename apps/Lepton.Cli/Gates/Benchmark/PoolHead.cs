using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>The doubt that was chosen for a pool, as `gate fit --head auto` would.</summary>
internal sealed record PoolHead(HeadKind Kind, Func<PoolEvent, double> Doubt)
{
    /// <summary>Chosen at the risk at which the gate is to work, since a head that helps at one may harm at another.</summary>
    public static PoolHead Choose(Pool pool, double alpha)
    {
        if (pool.Events.Length < HeadFit.LeastLabels)
        {
            return new(HeadKind.None, one => one.Doubt);
        }

        PoolEvent[] fits = [.. pool.Events.Where(one => one.Part == HeadPart.Fits)], held = [.. pool.Events.Where(one => one.Part == HeadPart.Chooses)];
        var boosted = pool.HasBoosted ? held.Select(one => one.Boosted!.Value).ToArray() : null;
        var verdict = HeadFit.Choose([.. fits.Select(one => one.Sample)], [.. held.Select(one => one.Sample)], pool.Classes, alpha, boosted);
        return verdict.Kind switch
        {
            HeadKind.Boosted => new(HeadKind.Boosted, one => Jittered(one, one.Boosted!.Value)),
            HeadKind.Logistic => new(HeadKind.Logistic, one => Jittered(one, verdict.Logistic!.Probability(one.Reading, one.Inputs))),
            _ => new(HeadKind.None, one => one.Doubt),
        };
    }

    private static double Jittered(PoolEvent one, double doubt) => Label.Jittered((float)doubt, HeadSplit.HashOf(one.Id));
}
