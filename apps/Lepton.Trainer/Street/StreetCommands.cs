using System.CommandLine;

namespace Lepton.Trainer.Street;

internal static class StreetCommands
{
    internal static Command Dataset()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "Folder to write to", Required = true };
        var seed = new Option<int>("--seed") { Description = "Seed of the first street", DefaultValueFactory = _ => 1 };
        var scenes = new Option<int>("--scenes") { Description = "Number of streets", DefaultValueFactory = _ => 200 };
        var command = new Command("street", "Frames and crops of rendered streets, with their boxes") { output, seed, scenes };
        command.SetAction(result => StreetDataset.Write(result.GetRequiredValue(output).FullName, result.GetValue(seed), result.GetValue(scenes)));
        return command;
    }
}
