using System.CommandLine;
using System.Text.Json;
using Lepton.Cli.Doctor;
using Spectre.Console;

namespace Lepton.Cli.Commands;

internal static class DoctorCommand
{
    public static Command Create()
    {
        var file = Shared.RunFile();
        var output = Shared.Output();
        var command = new Command("doctor", "looks at everything that Lepton needs here, and says the cure for what is missing") { file, output };
        command.SetAction(async (parsed, _) =>
        {
            var json = parsed.GetValue(output) == "json";
            var findings = new List<Finding>();
            await foreach (var finding in Examination.RunAsync(parsed.GetValue(file)!))
            {
                findings.Add(finding);
                if (!json)
                {
                    Write(finding);
                }
            }

            if (json)
            {
                Console.WriteLine(JsonSerializer.Serialize([.. findings], CommandJson.Default.FindingArray));
            }

            return findings.TrueForAll(finding => finding.Ok) ? 0 : CommandException.Failed;
        });
        return command;
    }

    private static void Write(Finding finding)
    {
        AnsiConsole.MarkupLineInterpolated($"[{(finding.Ok ? "green" : "red")}]{(finding.Ok ? "ok     " : "problem")}[/] {finding.What}: {finding.Detail}");
        if (finding.Cure is { } cure)
        {
            AnsiConsole.MarkupLineInterpolated($"        cure: {cure}");
        }
    }
}
