using Lepton.Inference.ScoreFiles;
using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Commands;
using Lepton.Cli.Gates.Benchmark;

namespace Lepton.Cli.Gates;

/// <summary>What `lepton gate benchmark --output json` prints.</summary>
internal sealed record BenchmarkReport(int Splits, int Streams, int Seed, IReadOnlyList<PoolReport> Pools, IReadOnlyList<Goal> Goals);

internal static class GateBenchmarkCommand
{
    public static Command Create()
    {
        var inputs = new Option<string[]>("--input") { Description = "a CSV of labelled scores to measure beside the generated ones (repeatable)", HelpName = "labelled.csv", DefaultValueFactory = _ => [] };
        var splits = StreamOptions.Whole("--splits", "random splits into calibration and test", 200, 1, 100_000);
        var streams = StreamOptions.Whole("--streams", "seeded streams of 8000 events of each kind", 200, 1, 100_000);
        var seed = new Option<int>("--seed") { Description = "seed of pools and splits", DefaultValueFactory = _ => 1 };
        var output = Shared.Output();
        var command = new Command("benchmark", "measures the gate's claims beside the rules of others, and says which hold") { inputs, splits, streams, seed, output };
        command.SetAction(parsed =>
        {
            var start = parsed.GetValue(seed);
            ScoreFile[] files = [.. parsed.GetValue(inputs)!.Select(GateOptions.Open)];
            IEnumerable<Pool> pools = [Pool.Generated(10, start), Pool.Generated(26, start), .. files.Select(Pool.Read)];
            var json = parsed.GetValue(output) == "json";
            var console = parsed.InvocationConfiguration.Output;
            var reports = new List<PoolReport>();
            foreach (var pool in pools)
            {
                var report = new PoolStudy(pool, parsed.GetValue(splits), start).Run();
                reports.Add(report);
                if (!json)
                {
                    Write(report, console);
                }
            }

            var goals = new List<Goal>();
            foreach (var goal in Goals.Of(reports).Concat(Goals.OfStreams(parsed.GetValue(streams))))
            {
                goals.Add(goal);
                if (!json)
                {
                    console.WriteLine($"{goal.Passed switch { true => "pass", false => "MISS", _ => "-" },-5}{goal.Id,-14} {goal.Claim}: {goal.Measured}");
                }
            }

            if (json)
            {
                console.WriteLine(JsonSerializer.Serialize(new BenchmarkReport(parsed.GetValue(splits), parsed.GetValue(streams), start, reports, goals), GateJson.Default.BenchmarkReport));
            }

            return 0;
        });
        return command;
    }

    private static void Write(PoolReport report, TextWriter console)
    {
        console.WriteLine($"{report.Pool}: {report.Events} events, {report.Calibration} calibrate; edge and reference differ on {report.Disagreement:P1}");
        console.WriteLine($"  {"rule",-18}{"accuracy",10}{"escalated",11}{"risk",9}{"above alpha",13}");
        foreach (var rule in report.Rules)
        {
            console.WriteLine($"  {rule.Rule,-18}{rule.Accuracy,10:P2}{rule.Escalation,11:P1}{rule.Risk,9:F4}{(rule.Above is { } above ? $"{above:P1} of splits" : ""),18}");
        }

        console.WriteLine($"  exact violations {report.Violations:P1} at most; at sedna-ce's accuracy {Times(report.MarginRatio)} its escalations by margin, {Times(report.HeadRatio)} by head");
        console.WriteLine();
    }

    private static string Times(double? ratio) => ratio is { } times ? $"{times:F2}x" : "-";
}
