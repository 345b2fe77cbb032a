using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Commands;
using Lepton.Cli.Gates.Benchmark;

namespace Lepton.Cli.Gates;

/// <summary>What `lepton gate benchmark --output json` prints.</summary>
internal sealed record BenchmarkReport(int Splits, int Runs, int Seed, IReadOnlyList<PoolReport> Pools, IReadOnlyList<Goal> Goals);

internal static class GateBenchmarkCommand
{
    private const int CalibrationsPerSplit = 5;

    public static Command Create()
    {
        var streams = new Option<string?>("--streams") { Description = "folder of score streams made by `lepton train streams`; without it they are made of LEPTON_DATA, if that is set", HelpName = "folder" };
        var inputs = new Option<string[]>("--input") { Description = "a CSV of labelled scores to measure too (repeatable)", HelpName = "labelled.csv", DefaultValueFactory = _ => [] };
        var splits = StreamOptions.Whole("--splits", "random splits into calibration and test", 200, 1, 100_000);
        var runs = StreamOptions.Whole("--runs", "seeded streams of 8000 events of each kind", 200, 1, 100_000);
        var seed = new Option<int>("--seed") { Description = "seed of pools and splits", DefaultValueFactory = _ => 1 };
        var output = Shared.Output();
        var command = new Command("benchmark", "measures the gate's claims beside the rules of others, and says which hold") { streams, inputs, splits, runs, seed, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var console = parsed.InvocationConfiguration.Output;
            var json = parsed.GetValue(output) == "json";
            string[] files = [.. await StreamFolder.FindAsync(parsed.GetValue(streams), Console.Error, cancellation), .. parsed.GetValue(inputs)!];
            var report = Run([.. files.Select(GateOptions.Open).Select(Pool.Read)], parsed.GetValue(splits), parsed.GetValue(runs), parsed.GetValue(seed), json ? TextWriter.Null : console, cancellation);
            if (json)
            {
                console.WriteLine(JsonSerializer.Serialize(report, GateJson.Default.BenchmarkReport));
            }

            return 0;
        });
        return command;
    }

    internal static BenchmarkReport Run(IReadOnlyList<Pool> real, int splits, int runs, int seed, TextWriter console, CancellationToken cancellation)
    {
        Pool[] pools = [Pool.Generated(10, seed), Pool.Generated(26, seed), .. real];
        var reports = new List<PoolReport>();
        foreach (var pool in pools)
        {
            cancellation.ThrowIfCancellationRequested();
            reports.Add(new PoolStudy(pool, splits, seed).Run());
            PoolTable.Write(reports[^1], console);
        }

        var goals = new List<Goal>();
        void Add(Goal goal)
        {
            cancellation.ThrowIfCancellationRequested();
            goals.Add(goal);
            PoolTable.Write(goal, console);
        }

        foreach (var goal in Goals.OfTheGate().Concat(Goals.AtEqualRisk(reports)))
        {
            Add(goal);
        }

        for (var i = 0; i < pools.Length; i++)
        {
            if (pools[i].Events.Length >= Pool.LeastLabels)
            {
                foreach (var goal in Goals.OfCalibrations(reports[i], CalibrationsPerSplit * splits).Concat(Goals.OfStreams(pools[i], runs, seed)))
                {
                    Add(goal);
                }
            }
        }

        console.WriteLine($"{goals.Count(goal => goal.Passed == true)} hold, {goals.Count(goal => goal.Passed == false)} missed, {goals.Count(goal => goal.Passed is null)} not measured");
        return new(splits, runs, seed, reports, goals);
    }
}
