using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Commands;
using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates;

internal static class GateSimulateCommand
{
    private const string Ours = "lepton";

    public static Command Create()
    {
        var options = new GateOptions();
        var epsilon = GateOptions.Share("--epsilon", "share of events that the coin sends up for their label, whatever their scores", 0.05);
        var delay = Whole("--label-delay", "how many events later a label comes back", 50, 0, 1_000_000);
        var window = Whole("--drift-window", "how many of the last events are compared with the calibration; 1000 finds weaker shifts", 500, 100, 100_000);
        var seed = new Option<int>("--seed") { Description = "seed of the coin", DefaultValueFactory = _ => 1 };
        var policy = new Option<string>("--policy") { Description = "who decides: " + PeerFilters.Names, DefaultValueFactory = _ => Ours, HelpName = "lepton|sedna-ce|..." };
        var output = Shared.Output();
        var command = new Command("simulate", "runs the gate, or a peer's rule, over a stream in time order: cold start, late labels, drift and all") { epsilon, delay, window, seed, policy, output };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(policy)!;
            var filter = PeerFilters.Find(name);
            if (name != Ours && filter is null)
            {
                throw CommandException.Misused($"--policy is '{name}'; use one of {PeerFilters.Names}, such as fixed:0.8");
            }

            var file = options.File(parsed);
            var survey = file.Check();
            StreamPolicy decides = filter is not null
                ? new FilterPolicy(filter)
                : new GatePolicy(
                    new GateSettings { Guarantee = options.Guarantee(parsed), Score = options.Score(parsed), Classes = file.Columns.Classes, Epsilon = parsed.GetValue(epsilon) },
                    parsed.GetValue(delay), parsed.GetValue(seed), parsed.GetValue(window));
            var simulation = new StreamSimulation(name, decides, survey.Events);
            foreach (var row in file.Rows())
            {
                simulation.Add(row);
            }

            Write(simulation.Report(file.Path, file.Columns.HasBytes), parsed.GetValue(output) == "json", parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    private static void Write(SimulationReport report, bool json, TextWriter console)
    {
        if (json)
        {
            console.WriteLine(JsonSerializer.Serialize(report, GateJson.Default.SimulationReport));
            return;
        }

        console.WriteLine($"{report.Policy}: {report.Events} events, {report.Escalated} escalated, {report.Shadow} more sent for their label ({report.Sent:P1} in all{(report.Bytes is { } bytes ? $", {bytes} bytes" : "")})");
        console.WriteLine($"accuracy against the reference {report.Accuracy:P2}; risk {report.Risk:F4}, in the last quarter {report.RiskOfLastQuarter:F4}");
        console.WriteLine(report.Alarms.Length == 0 ? "no alarms" : $"alarms: {string.Join(", ", report.Alarms.Select(alarm => $"{alarm.Kind} at event {alarm.Event}"))}");
        if (report.Gate is { } gate)
        {
            console.WriteLine($"gate: {gate.Phase}, tau {gate.Tau:F6}, bound {gate.Bound:F4}; achieved at most {gate.AchievedBound:F4} by {gate.ShadowLabels} shadow labels; guarantee {gate.Guarantee}");
        }
    }

    private static Option<int> Whole(string name, string description, int otherwise, int least, int most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out var value) && value >= least && value <= most)
            {
                return value;
            }

            result.AddError($"{name} is '{result.Tokens[0].Value}'; write a whole number from {least} to {most}");
            return 0;
        },
    };
}
