using Lepton.Decisions.Gates;
using Lepton.Inference.ScoreFiles;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>Many seeded streams of 8000 events under one policy, with a shift in the middle or none.</summary>
internal sealed record StreamStudy(IReadOnlyList<SimulationReport> Runs, double Alpha)
{
    public const int Events = 8000;
    public const int LabelDelay = 50;

    /// <summary>Share of streams whose risk in the last quarter lies above alpha.</summary>
    public double AboveAtTheEnd => Runs.Count(run => run.RiskOfLastQuarter > Alpha) / (double)Runs.Count;

    /// <summary>Share of streams whose risk over all events lies above alpha.</summary>
    public double AboveInAll => Runs.Count(run => run.Risk > Alpha) / (double)Runs.Count;

    public double Sent => Runs.Average(run => run.Sent);

    /// <summary>Share of streams in which any alarm went off.</summary>
    public double Alarmed => Runs.Count(run => run.Alarms.Length > 0) / (double)Runs.Count;

    /// <summary>Median number of events from the shift to the alarm; a stream without alarm counts as all events.</summary>
    public double MedianDelay => Runs.Select(run => (run.Alarms.FirstOrDefault(alarm => alarm.Event > Events / 2)?.Event ?? Events + (Events / 2)) - (Events / 2)).Order().ElementAt(Runs.Count / 2);

    public static StreamStudy Ours(Pool pool, int streams, Drift drift, double alpha = 0.02) =>
        Run(pool, streams, drift, alpha, seed => new GatePolicy(new GateSettings { Guarantee = new(alpha), Classes = pool.Classes }, LabelDelay, seed, 500));

    public static StreamStudy Naive(Pool pool, int streams, double alpha = 0.02) => Run(pool, streams, Drift.None, alpha, _ => new NaivePolicy(alpha, LabelDelay));

    private static StreamStudy Run(Pool pool, int streams, Drift drift, double alpha, Func<int, StreamPolicy> policy) =>
        new([.. Enumerable.Range(1, streams).AsParallel().AsOrdered().Select(seed => RunOne(pool.IsGenerated ? new ScoreStream(pool.Classes, seed) : new PoolStream(pool, seed), seed, pool.Classes, drift, policy(seed)))], alpha);

    private static SimulationReport RunOne(IEventStream stream, int seed, int classes, Drift drift, StreamPolicy policy)
    {
        var simulation = new StreamSimulation("", policy, Events);
        ScoreRow? row = null;
        for (var i = 1; i <= Events; i++)
        {
            if (i == Events / 2)
            {
                stream.Shift(drift);
            }

            var sample = stream.Next();
            row ??= new ScoreRow(classes, sample.Inputs.Length);
            sample.Scores.CopyTo(row.Scores, 0);
            sample.Inputs.CopyTo(row.Inputs, 0);
            (row.Number, row.Id, row.Reference) = (i, $"{seed}-{i}", sample.Reference);
            simulation.Add(row);
        }

        return simulation.Report("", false);
    }
}
