using System.CommandLine;
using Lepton.Benchmarks;
using Lepton.Benchmarks.Decisions;
using Lepton.Benchmarks.Runtime;

if (args is [BareServer.Argument, var port])
{
    await BareServer.RunAsync(int.Parse(port));
    return 0;
}

Benchmark[] all = [new GateBenchmark(), new MessagingBenchmark(), new LatencyBenchmark(), new RedisBenchmark(), new ScaleBenchmark(), new NodeBenchmark(), new ActorBenchmark(), new WorkflowBenchmark()];

var names = new Argument<string[]>("name") { Description = $"which: {string.Join(", ", all.Select(one => one.Name))}; all without a name", DefaultValueFactory = _ => [] };
var rounds = new Option<int>("--rounds") { Description = "how often each is measured; the median counts", DefaultValueFactory = _ => 9 };
var output = new Option<string>("--output") { Description = "table for people, json for machines", DefaultValueFactory = _ => "table", HelpName = "table|json" }.AcceptOnlyFromAmong("table", "json");
var command = new RootCommand("Measures what Lepton costs, each time beside a peer or a bare loop in the same run") { names, rounds, output };
command.SetAction(async (parsed, cancellation) =>
{
    var unknown = parsed.GetValue(names)!.Except(all.Select(one => one.Name)).ToArray();
    if (unknown.Length > 0 || parsed.GetValue(rounds) < 1)
    {
        Console.Error.WriteLine(unknown.Length > 0
            ? $"lepton: there is no benchmark '{unknown[0]}'; there are {string.Join(", ", all.Select(one => one.Name))}"
            : "lepton: --rounds is below 1; write a whole number from 1 on");
        return 2;
    }

    var report = new Report(parsed.GetValue(output) == "json", Console.Out);
    foreach (var benchmark in all.Where(one => parsed.GetValue(names)! is [] || parsed.GetValue(names)!.Contains(one.Name)))
    {
        Console.Error.WriteLine($"lepton: measuring {benchmark.Name}: {benchmark.What}");
        report.Add(await benchmark.RunAsync(parsed.GetValue(rounds), cancellation));
    }

    return report.End();
});
return await command.Parse(args).InvokeAsync();
