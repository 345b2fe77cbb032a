using System.CommandLine;
using Lepton.Inference.ScoreFiles;

namespace Lepton.Trainer.Heads;

internal static class HeadCommand
{
    internal static Command Create()
    {
        var input = new Option<string>("--input") { Description = "CSV with the columns p0, p1, ..., reference, an id and inputs x...", HelpName = "labelled.csv", Required = true };
        var output = new Option<string>("--output") { Description = "ONNX file to write", HelpName = "head.onnx", Required = true };
        var command = new Command("head", "A gate's boosted head: trees that say how likely the tier above disagrees; `lepton gate fit --boosted` tries it on the other half of the labels") { input, output };
        command.SetAction(result => Try(() =>
        {
            var file = ScoreFile.Open(result.GetValue(input)!);
            file.Check();
            var head = BoostedHead.Train(file);
            head.Save(result.GetValue(output)!);
            Console.WriteLine($"'{result.GetValue(output)}' holds {BoostedHead.Trees} trees of at most {BoostedHead.Leaves} leaves, fitted on {head.Samples} labels of which {head.Errors} were wrong; the other labels are left to choose and to calibrate");
            return 0;
        }));
        return command;
    }

    internal static int Try(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or Contracts.Resources.FaultyResourceException)
        {
            Console.Error.WriteLine($"lepton train: {error.Message}");
            return 1;
        }
    }
}
