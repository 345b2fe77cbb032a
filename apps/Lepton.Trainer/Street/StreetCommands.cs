using System.CommandLine;

namespace Lepton.Trainer.Street;

internal static class StreetCommands
{
    internal static Command Dataset()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "Folder to write to", Required = true };
        var seed = new Option<int>("--seed") { Description = "Seed of the first street", DefaultValueFactory = _ => 100_000 };
        var scenes = new Option<int>("--streets") { Description = "Number of streets", DefaultValueFactory = _ => 240 };
        var command = new Command("street", "Frames and crops of rendered streets, with their boxes") { output, seed, scenes };
        command.SetAction(result => StreetDataset.Write(result.GetRequiredValue(output).FullName, result.GetValue(seed), result.GetValue(scenes)));
        return command;
    }

    internal static Command Evaluate()
    {
        var resources = new Option<DirectoryInfo>("--resources") { Description = "Folder with pipelines/ and models/", DefaultValueFactory = _ => new DirectoryInfo("workflows") };
        var seed = new Option<int>("--seed") { Description = "Seed of the first street", DefaultValueFactory = _ => 1 };
        var streets = new Option<int>("--streets") { Description = "Number of streets", DefaultValueFactory = _ => 20 };
        var threshold = new Option<double?>("--threshold") { Description = "Escalate from this uncertainty on (default: 0.3; a running gate calibrates its own)" };
        var command = new Command("street", "Frames right, recall and F1 on rendered streets: edge alone, cloud alone, and edge with escalation") { resources, seed, streets, threshold };
        command.SetAction(result =>
        {
            try
            {
                return StreetEvaluation.Run(result.GetRequiredValue(resources).FullName, result.GetValue(seed), result.GetValue(streets), result.GetValue(threshold));
            }
            catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"lepton train: {error.Message}");
                return 1;
            }
        });
        return command;
    }
}
