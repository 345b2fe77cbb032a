using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>One claim on one pool, what was measured, and whether it holds; null when it was not measured.</summary>
internal sealed record Goal(string Id, string? Pool, string Claim, string Measured, bool? Passed);

/// <summary>The claims of the engine, each measured anew.</summary>
internal static class Goals
{
    private const double LeastWanted = 0.01;
    private static readonly double[] FirstOpenings = [0.01, 0.02, 0.05];

    private static readonly double[][] Malformed =
    [
        [], [1], [double.NaN, 1, 0], [double.PositiveInfinity, 0, 0], [double.NegativeInfinity, 1, 0], [-0.01, 0.51, 0.5], [1.01, 0, 0], [0.5, 0.5, 0.5],
        [0.2, 0.2, 0.2], [0.5, 0.5], [0.25, 0.25, 0.25, 0.25], [0, 0, 0], [double.NaN, double.NaN, double.NaN], [1e308, -1e308, 1],
    ];

    /// <summary>What holds without any pool.</summary>
    public static IEnumerable<Goal> OfTheGate()
    {
        int[] openings = [.. FirstOpenings.Select(FirstAccepted)];
        yield return new("G7", null, "the first answer is accepted after exactly 299, 149 and 59 clean labels", string.Join(", ", openings), openings is [299, 149, 59]);
        var refused = Malformed.Count(scores => !Open().Decide(new Salt("benchmark"), "event", scores).Accepts);
        yield return new("G9", null, "no malformed score vector is accepted", $"{refused} of {Malformed.Length} refused", refused == Malformed.Length);
    }

    /// <summary>What is a claim about models as they are, and not about a generator.</summary>
    public static IEnumerable<Goal> AtEqualRisk(IEnumerable<PoolReport> pools)
    {
        var real = pools.Where(pool => !pool.IsGenerated).Select(pool => (pool.Classes, Equal: pool.Equal.FirstOrDefault(equal => equal.Peer.StartsWith("sedna-ce", StringComparison.Ordinal)))).Where(pool => pool.Equal is not null).ToArray();
        yield return Times("by margin, on 3 classes or more: at most 0.85x", [.. real.Where(pool => pool.Classes > 2).Select(pool => pool.Equal!)], equal => equal.ByMargin, 0.85);
        yield return Times("by the automatic head: at most 0.75x", [.. real.Select(pool => pool.Equal!)], equal => equal.ByHead, 0.75);
    }

    private static Goal Times(string what, EqualRisk[] equals, Func<EqualRisk, double> ours, double most)
    {
        var claim = $"escalations at sedna-ce's risk {what} of its own in the median, never above 1x";
        double[] times = [.. equals.Select(equal => ours(equal) / equal.Theirs).Order()];
        if (times.Length == 0)
        {
            return new("G2", null, claim, "not measured: it is a claim about real models; set LEPTON_DATA or name score streams with --streams", null);
        }

        var holds = Median(times) <= most && times[^1] <= 1;
        var reason = holds ? "" : $"; sedna-ce sends {string.Join(", ", equals.Select(equal => $"{equal.Theirs:P0}"))} of them, up to where the order of the doubts hardly matters";
        return new("G2", null, claim, $"{Median(times):F2}x over {times.Length} streams, worst {times[^1]:F2}x{reason}", holds);
    }

    /// <summary>What the drawn calibrations show.</summary>
    public static IEnumerable<Goal> OfCalibrations(PoolReport pool, int calibrations)
    {
        var worst = pool.Violations!.MaxBy(violation => violation.Exact)!;
        bool Agrees(Violation one) => Math.Abs(one.Counted - one.Exact) <= Math.Max(2.0 / calibrations, 3.3 * Math.Sqrt(one.Exact * (1 - one.Exact) / calibrations));
        yield return new("G1", pool.Pool, "at most 5 % of calibrations exceed alpha, whichever (pac): exactly, by the binomial law, and the drawn ones agree with it",
            $"{worst.Exact:P1} at most; drawn {string.Join(", ", pool.Violations!.Select(violation => $"{violation.Counted:P1}"))} at alpha {string.Join(", ", pool.Violations!.Select(violation => violation.Alpha))}",
            worst.Exact <= 0.05 && pool.Violations!.All(Agrees));
        var risk = pool.Rules.Single(rule => rule.Rule == $"lepton pac {PoolStudy.Alpha}").Risk;
        yield return new("G3", pool.Pool, $"one setting, every pool: mean risk at most alpha = {PoolStudy.Alpha}", $"{risk:F4}", risk <= PoolStudy.Alpha);
    }

    /// <summary>What whole streams show: steady ones, and ones that change in their middle.</summary>
    public static IEnumerable<Goal> OfStreams(Pool pool, int streams, int seed)
    {
        var steady = StreamStudy.Ours(pool, streams, Drift.None);
        var naive = StreamStudy.Naive(pool, streams);
        yield return new("G4", pool.Name, $"steady streams: at most 8 % end above alpha{(pool.IsGenerated ? "; refitting on returned labels does in 58 % or more" : "")}",
            $"{steady.AboveAtTheEnd:P1}, refitting {naive.AboveAtTheEnd:P1}, {steady.Sent:P0} sent", steady.AboveAtTheEnd <= 0.08 && (!pool.IsGenerated || naive.AboveAtTheEnd >= 0.58));
        foreach (var drift in pool.IsGenerated ? new[] { Drift.Harder, Drift.Noisier } : [Drift.Harder])
        {
            var shifted = StreamStudy.Ours(pool, streams, drift);
            var harmful = pool.IsGenerated || PoolStream.IsHarmful(pool, PoolStudy.Alpha);
            var alarm = shifted.MedianDelay >= StreamStudy.Events ? "mostly no alarm" : $"{shifted.MedianDelay:F0} events";
            yield return new("G5", pool.Name, $"{(drift == Drift.Harder ? "hard events 5x" : "noisier inputs")} from the middle: alarm within 600 events (median){(harmful ? "" : ", not needed, since the shift leaves the risk below alpha")}, at most 8 % end above alpha",
                $"{alarm}, {shifted.AboveAtTheEnd:P1}, {shifted.Sent:P0} sent", (!harmful || shifted.MedianDelay <= 600) && shifted.AboveAtTheEnd <= 0.08);
        }

        yield return new("G6", pool.Name, "at most 2 % of steady streams raise an alarm", $"{steady.Alarmed:P1}", steady.Alarmed <= 0.02);
        yield return new("G7", pool.Name, "cold start: at most 3 % of steady streams exceed alpha over all their events", $"{steady.AboveInAll:P1}", steady.AboveInAll <= 0.03);
        yield return OfBudget(pool, seed);
    }

    private static Goal OfBudget(Pool pool, int seed)
    {
        const string Claim = "with two fifths of the bytes it wants: risk by price at most 0.8x of first come, first served";
        var study = new BudgetStudy(pool, seed);
        if (study.Wanted < LeastWanted)
        {
            return new("G8", pool.Name, Claim, $"not measured: the gate wants to escalate {study.Wanted:P1} only", null);
        }

        var (priced, firstCome) = (study.Risk(true), study.Risk(false));
        var best = study.Hindsight() / firstCome;
        return new("G8", pool.Name, Claim, $"{priced / firstCome:F2}x{(study.Head == HeadKind.None ? "" : $" behind the {study.Head.ToString().ToLowerInvariant()} head")}; the best threshold on the doubt in hindsight: {best:F2}x{(best > 0.8 && priced > 0.8 * firstCome ? ", so that the claim is out of reach here" : "")}", priced <= 0.8 * firstCome);
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private static int FirstAccepted(double alpha)
    {
        var memory = new GateMemory(new GateSettings { Guarantee = new(alpha), Classes = 3, WarmUp = 1 }, "");
        var labels = 0;
        while (!memory.Snapshot().Decide(new Salt("benchmark"), "event", [0.9, 0.1, 0]).Accepts)
        {
            memory.Learn(new Label((ulong)labels, labels, 0, Designation.Cold, 0.1f, 0, 0, false));
            labels++;
        }

        return labels;
    }

    private static GateSnapshot Open()
    {
        var memory = new GateMemory(new GateSettings { Guarantee = new(0.05), Classes = 3, WarmUp = 1 }, "");
        for (var i = 0; i < 59; i++)
        {
            memory.Learn(new Label((ulong)i, i, 0, Designation.Cold, 0.1f, 0, 0, false));
        }

        return memory.Snapshot();
    }
}
