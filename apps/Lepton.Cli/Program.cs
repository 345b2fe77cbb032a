using System.CommandLine;
using Lepton.Cli.Commands;

var root = new RootCommand("Lepton: a small model at the edge answers, a bigger one in the cloud corrects")
{
    UpCommand.Create(),
    DevicesCommand.Create(),
    CheckerCommand.Create(),
};
return await CommandLine.RunAsync(root, args);
