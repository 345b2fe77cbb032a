using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Commands;

namespace Lepton.Cli.Gates;

internal static class GateFitCommand
{
    public static Command Create()
    {
        var options = new GateOptions();
        var perClass = new Option<bool>("--per-class") { Description = "an own threshold for each predicted class with labels enough" };
        var head = new HeadOptions();
        var most = GateOptions.Share("--most-escalations", "also says the smallest alpha that a gate can promise when no more than this share of events may be escalated", 0.2, isOptional: true);
        var output = Shared.Output();
        var command = new Command("fit", "finds the threshold below which answers may be accepted at a stated risk");
        options.AddTo(command);
        command.Add(perClass);
        head.AddTo(command);
        command.Add(most);
        command.Add(output);
        command.SetAction(parsed =>
        {
            using var boosted = head.Boosted(parsed);
            double? share = parsed.GetResult(most) is null ? null : parsed.GetValue(most);
            var fit = new GateFit(options.File(parsed), new(options.Guarantee(parsed), options.Score(parsed), parsed.GetValue(perClass), head.Choice(parsed), boosted, share));
            Write(fit.Run(), parsed.GetValue(output) == "json", parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    private static void Write(GateFitReport report, bool json, TextWriter console)
    {
        if (json)
        {
            console.WriteLine(JsonSerializer.Serialize(report, GateJson.Default.GateFitReport));
            return;
        }

        console.WriteLine($"{report.Events} events, {report.Labels} of them calibrate the gate; edge and reference differ on {report.Errors} ({Share(report.Errors, report.Labels)})");
        if (report.Head is { } head)
        {
            console.WriteLine($"head: {(head.Taken ? $"{head.Kind}, taken" : "not taken")}, {head.Why}");
        }

        if (report.Threshold is { } tau)
        {
            var doubt = report.Head?.Taken == true ? $"{report.Head.Kind} head" : report.Score;
            console.WriteLine(report.Order == 0 ? "accept nothing yet"
                : double.IsPositiveInfinity(tau) ? $"accept everything: fewer than {report.Order} errors"
                : $"accept when the doubt ({doubt}) is below tau = {tau:F6}, the doubt of error {report.Order} of {report.Errors}");
        }

        foreach (var one in report.Classes ?? [])
        {
            console.WriteLine(
                $"{(one.Class is { } c ? $"class {c}" : "others"),-10} n {one.Labels,-8} errors {one.Errors,-7} m {one.Order,-6} tau {Threshold(one.Threshold),-12} escalation {one.Escalation,7:P1}  bound {one.Bound:G4}");
        }

        console.WriteLine($"expected escalation {report.Escalation:P1}; observed risk {report.ObservedRisk:G4}");
        console.WriteLine(report.Mode == "pac"
            ? $"bound: with probability {1 - report.Delta:P0} the risk{(report.Classes is null ? "" : " in every class")} is at most {report.Bound:G4} (asked: {report.Alpha})"
            : $"bound: over many calibrations the risk{(report.Classes is null ? "" : " in every class")} is at most {report.Bound:G4} on average (asked: {report.Alpha}); a single gate may exceed it");
        if (report.Affordable is { } budget)
        {
            console.WriteLine($"with at most {budget.MostEscalations:P0} escalated, the smallest alpha that can be promised is {budget.Alpha:G4}");
        }

        foreach (var note in report.Notes)
        {
            console.WriteLine($"note: {note}");
        }
    }

    private static string Threshold(double tau) => double.IsPositiveInfinity(tau) ? "any (accept all)" : double.IsNegativeInfinity(tau) ? "none (accept nothing)" : $"{tau:F6}";

    private static string Share(long part, long all) => $"{(double)part / Math.Max(1, all):P1}";
}
