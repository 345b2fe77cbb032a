using System.CommandLine;
using System.CommandLine.Help;
using Lepton.Cli.Commands;
using Lepton.Cli.Gates;
using Lepton.Cli.Planning;
using Spectre.Console;

if (Console.IsOutputRedirected)
{
    // A file or a pipe has no width: lines stay whole.
    AnsiConsole.Profile.Width = 10_000;
}

// A plain command, not a root command: help shall say `lepton`, not the name of this program's file.
var root = new Command("lepton", "Lepton: a small model at the edge answers, a bigger one in the cloud corrects")
{
    new HelpOption { Recursive = true },
    new VersionOption(),
    UpCommand.Create(),
    ReplayCommand.Create(),
    ResultsCommand.Create(),
    DoctorCommand.Create(),
    PlanCommand.Create(),
    GateCommand.Create(),
    DevicesCommand.Create(),
    CheckerCommand.Create(),
};
return await CommandLine.RunAsync(root, args);
