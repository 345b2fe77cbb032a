using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Commands;

namespace Lepton.Cli.Gates;

internal static class GateSimulateCommand
{
    private const string Ours = "lepton";

    public static Command Create()
    {
        var options = new StreamOptions();
        var policy = new Option<string>("--policy") { Description = "who decides: " + PeerFilters.Names, DefaultValueFactory = _ => Ours, HelpName = "lepton|sedna-ce|..." };
        var output = Shared.Output();
        var command = new Command("simulate", "runs the gate, or a peer's rule, over a stream in time order: cold start, late labels, drift and all") { policy, output };
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
            if (filter is not null && (file.Columns.HasOwnDoubt || file.Columns.HasBoxes))
            {
                filter = (file.Columns.HasBoxes ? PeerFilters.FindForBoxes(name) : name is "never" or "always" ? filter : null)
                    ?? throw CommandException.Misused($"--policy {name} goes by scores that '{file.Path}' does not have; a detector's file needs a column boxes for it, and sedna-ce a classifier's p0, p1, ...");
            }

            var survey = file.Check();
            using var boosted = options.Boosted(parsed);
            HeadReport? head = null;
            StreamPolicy decides = filter is not null ? new FilterPolicy(filter) : options.Policy(parsed, file, boosted, out head);
            var simulation = new StreamSimulation(name, decides, survey.Events);
            foreach (var row in file.Rows())
            {
                simulation.Add(row);
            }

            Write(simulation.Report(file.Path, file.Columns.HasBytes) with { Head = head }, parsed.GetValue(output) == "json", parsed.InvocationConfiguration.Output);
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
        if (report.Head is { } head)
        {
            console.WriteLine($"head: {(head.Taken ? $"{head.Kind}, taken" : "not taken")}, {head.Why}");
        }

        console.WriteLine(report.Alarms.Length == 0 ? "no alarms" : $"alarms: {string.Join(", ", report.Alarms.Select(alarm => $"{alarm.Kind} at event {alarm.Event}"))}");
        if (report.Gate is { } gate)
        {
            console.WriteLine($"gate: {gate.Phase}, tau {gate.Tau:F6}, bound {gate.Bound:F4}; achieved at most {gate.AchievedBound:F4} by {gate.ShadowLabels} shadow labels; guarantee {gate.Guarantee}");
        }
    }
}
