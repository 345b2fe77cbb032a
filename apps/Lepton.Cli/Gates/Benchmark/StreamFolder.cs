using System.Diagnostics;
using Lepton.Cli.Pipelines;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>The score streams of real models: those of a folder, or, with LEPTON_DATA, those that `lepton train streams` makes of it.</summary>
internal static class StreamFolder
{
    private const string Made = ".lepton/streams";

    public static async Task<string[]> FindAsync(string? named, TextWriter progress, CancellationToken cancellation)
    {
        if (named is not null)
        {
            return Files(named) is { Length: > 0 } files ? files : throw CommandException.Misused($"there is no score stream in '{named}'; make some with `lepton train streams --output {named}`");
        }

        if (Environment.GetEnvironmentVariable("LEPTON_DATA") is null)
        {
            return [];
        }

        if (Files(Made) is { Length: > 0 } made)
        {
            progress.WriteLine($"lepton: takes the score streams of {File.GetLastWriteTime(made[0]):yyyy-MM-dd HH:mm} in {Made}; delete that folder to have them made anew");
            return made;
        }

        progress.WriteLine($"lepton: training and scoring on LEPTON_DATA, a minute or two, into {Made}");
        await TrainAsync(cancellation);
        return Files(Made);
    }

    private static string[] Files(string folder) => Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.csv").Order(StringComparer.Ordinal)] : [];

    private static async Task TrainAsync(CancellationToken cancellation)
    {
        // Built beside this program: bin/<project>/<configuration>/.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory);
        var trainer = Path.Combine(configuration.Parent!.Parent!.FullName, "Lepton.Trainer", configuration.Name, "Lepton.Trainer.dll");
        if (!File.Exists(trainer))
        {
            throw new CommandException($"the trainer is not built ('{trainer}'); run `./lepton train streams --output {Made}` once, then this again");
        }

        // Finished streams only are kept: a run that was stopped leaves nothing behind.
        var unfinished = Made + ".new";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        using var process = Process.Start(new ProcessStartInfo("dotnet", [trainer, "streams", "--output", unfinished, "--resources", PipelineCatalog.FindResources()]) { RedirectStandardOutput = true })!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                Console.Error.WriteLine($"lepton: {line}");
            }

            await process.WaitForExitAsync(cancellation);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        if (process.ExitCode != 0)
        {
            throw new CommandException("`lepton train streams` failed; what it wrote stands above");
        }

        Directory.Move(unfinished, Made);
    }
}
