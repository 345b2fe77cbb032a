using System.CommandLine;

namespace Lepton.Trainer.Ecg;

internal static class EcgCommands
{
    internal static Command Dataset()
    {
        var (from, output) = (From(), new Option<DirectoryInfo>("--output") { Description = "Folder to write to", Required = true });
        var command = new Command("ecg", "Beats that the detector finds in records, with labels from their annotations") { from, output };
        command.SetAction(result => Try(() => EcgDataset.Write(result.GetRequiredValue(from), result.GetRequiredValue(output).FullName)));
        return command;
    }

    internal static Command Evaluate()
    {
        var from = From();
        var simulated = new Option<int>("--patients") { Description = "With `--from simulator`: number of patients", DefaultValueFactory = _ => 16 };
        var seed = new Option<int>("--seed") { Description = "With `--from simulator`: seed of the ward", DefaultValueFactory = _ => 1 };
        var resources = new Option<DirectoryInfo>("--resources") { Description = "Folder with pipelines/ and models/", DefaultValueFactory = _ => new DirectoryInfo("workflows") };
        var folds = new Option<DirectoryInfo?>("--folds") { Description = "Folder of leave-patients-out models: folds.csv (record,fold) and <fold>/models/" };
        var threshold = new Option<double?>("--threshold") { Description = "Escalate from this uncertainty on (default: 0.5; a running gate calibrates its own)" };
        var command = new Command("ecg", "Sensitivity and specificity per patient: edge alone, cloud alone, and edge with escalation") { from, simulated, seed, resources, folds, threshold };
        command.SetAction(result => Try(() => EcgEvaluation.Run(result.GetRequiredValue(from), result.GetValue(simulated), result.GetValue(seed),
            result.GetRequiredValue(resources).FullName, result.GetValue(folds)?.FullName, result.GetValue(threshold))));
        return command;
    }

    private static Option<string> From() => new("--from") { Description = "Folder of MIT-BIH records, one record, or `simulator`", Required = true };

    private static int Try(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"lepton train: {error.Message}");
            return 1;
        }
    }
}
