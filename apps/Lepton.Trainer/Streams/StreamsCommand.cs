using System.CommandLine;
using Lepton.Trainer.Heads;

namespace Lepton.Trainer.Streams;

internal static class StreamsCommand
{
    internal static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "Folder to write to", Required = true };
        var data = new Option<string?>("--data") { Description = "Folder of real data", HelpName = "folder", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("LEPTON_DATA") };
        var resources = new Option<DirectoryInfo>("--resources") { Description = "Folder with pipelines/ and models/", DefaultValueFactory = _ => new DirectoryInfo("workflows") };
        var command = new Command("streams", "What edge and cloud models say of real events, none of which either was trained on (the ECG models excepted), and a boosted head for each") { output, data, resources };
        command.SetAction(result => HeadCommand.Try(() => Write(result.GetValue(output)!.FullName, result.GetValue(data), result.GetValue(resources)!.FullName)));
        return command;
    }

    private static int Write(string folder, string? data, string resources)
    {
        Directory.CreateDirectory(folder);
        var work = new List<Func<ScoreWriter>> { () => FrameStream.Rendered(folder, resources) };
        if (data is null || !Directory.Exists(data))
        {
            Console.Error.WriteLine(data is null ? "lepton train: LEPTON_DATA is not set, so that only the rendered street is scored" : $"lepton train: there is no folder '{data}', so that only the rendered street is scored");
        }
        else
        {
            work.Add(() => FrameStream.Clips(folder, resources, data));
            work.Add(() => EcgStream.Write(folder, resources, Path.Combine(data, "healthcare", "mitdb")));
            work.Add(() => MetroStream.Write(folder, Path.Combine(data, "traffic", "metro_interstate_volume_2012-2017.csv.gz")));
            work.AddRange(Tables.In(data).Select(table => (Func<ScoreWriter>)(() => CrossFit.Write(folder, table()))));
        }

        var faults = 0;
        Parallel.ForEach(work, write =>
        {
            try
            {
                Finish(write());
            }
            catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"lepton train: {error.Message}");
                Interlocked.Increment(ref faults);
            }
        });
        return faults == 0 ? 0 : 1;
    }

    private static void Finish(ScoreWriter written)
    {
        written.Dispose();
        Console.WriteLine($"{written.Name,-10} {written.Rows,6} events, {written.Disagreements,6} on which edge and cloud differ  {written.Note}");
        if (written.Disagreements > 0)
        {
            var head = BoostedHead.Train(Inference.ScoreFiles.ScoreFile.Open(written.Path));
            head.Save(Path.ChangeExtension(written.Path, ".onnx"));
        }
    }
}
