using System.CommandLine;

namespace Lepton.Cli.Gates;

internal static class GateReportCommand
{
    public static Command Create()
    {
        var options = new StreamOptions();
        var page = new Option<string>("--page") { Description = "the HTML file that is written", DefaultValueFactory = _ => "gate-report.html", HelpName = "gate-report.html" };
        var command = new Command("report", "draws a page of a stream: risk against escalation, reliability of the scores, thresholds, risk and alarms over time") { page };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(page)!;
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            {
                throw CommandException.Misused($"there is no folder '{folder}' for the page; create it or name another file with --page");
            }

            var file = options.File(parsed);
            var fit = new GateFit(file, options.Fit(parsed)).Run();
            using var boosted = options.Boosted(parsed);
            var policy = options.Policy(parsed, file, boosted, out _);
            var simulation = new StreamSimulation("lepton", policy, fit.Events);
            var record = new StreamRecord(fit.Events, options.Fit(parsed).Score, !file.Columns.HasOwnDoubt);
            foreach (var row in file.Rows())
            {
                record.Add(row, simulation.Add(row), policy.Threshold);
            }

            File.WriteAllText(path, ReportPage.Of(fit, simulation.Report(file.Path, file.Columns.HasBytes), record));
            parsed.InvocationConfiguration.Output.WriteLine($"the report of {fit.Events} events is {path}");
            return 0;
        });
        return command;
    }
}
