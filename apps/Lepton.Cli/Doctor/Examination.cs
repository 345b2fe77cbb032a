using System.ComponentModel;
using System.Diagnostics;
using Lepton.Cli.Pipelines;
using Lepton.Cli.Supervision;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Inference.Vision;
using Lepton.Sidecar.Resources;

namespace Lepton.Cli.Doctor;

/// <summary>Looks at everything that Lepton needs on this machine.</summary>
internal static class Examination
{
    private const long LeastFreeBytes = 500L << 20;

    public static async IAsyncEnumerable<Finding> RunAsync(string runFile)
    {
        yield return await SdkAsync();
        yield return VisionRuntime.Problem is { } problem
            ? Finding.Bad("OpenCV", problem.Split("; ")[0], problem[(problem.IndexOf("; ", StringComparison.Ordinal) + 2)..])
            : Finding.Good("OpenCV", "its native library loads: image pipelines run");
        yield return Disk();
        yield return Folder();
        yield return Data();
        foreach (var finding in Models())
        {
            yield return finding;
        }

        foreach (var finding in await RunningAsync(runFile))
        {
            yield return finding;
        }
    }

    private static async Task<Finding> SdkAsync()
    {
        const string cure = "./lepton installs one by itself; or: sudo apt-get install -y dotnet-sdk-10.0";
        try
        {
            using var dotnet = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var version = (await dotnet.StandardOutput.ReadToEndAsync()).Trim();
            await dotnet.WaitForExitAsync();
            return dotnet.ExitCode == 0 && version.StartsWith("10.", StringComparison.Ordinal)
                ? Finding.Good(".NET SDK", version)
                : Finding.Bad(".NET SDK", version.Length > 0 ? $"{version} is not 10" : "no SDK 10 is installed", cure);
        }
        catch (Win32Exception)
        {
            return Finding.Bad(".NET SDK", "`dotnet` is not on the PATH", cure);
        }
    }

    private static Finding Disk()
    {
        var free = new DriveInfo(Path.GetFullPath(".")).AvailableFreeSpace;
        var text = $"{free >> 20:N0} MiB free in {Path.GetFullPath(".")}";
        return free >= LeastFreeBytes ? Finding.Good("disk", text) : Finding.Bad("disk", text, $"free at least {LeastFreeBytes >> 20} MiB");
    }

    private static Finding Folder()
    {
        var folder = LocalFolder.Current();
        try
        {
            folder.Prepare();
            return Finding.Good("local state", $"{folder.Root} can be written");
        }
        catch (CommandException error)
        {
            return Finding.Bad("local state", error.Message, "make it writable, or set LEPTON_STATE to another folder");
        }
    }

    private static Finding Data() => Environment.GetEnvironmentVariable("LEPTON_DATA") switch
    {
        null or "" => Finding.Good("LEPTON_DATA", "not set: events are simulated"),
        var folder when Directory.Exists(folder) => Finding.Good("LEPTON_DATA", folder),
        var folder => Finding.Bad("LEPTON_DATA", $"'{folder}' is no folder", "correct it, or unset it to use the simulators"),
    };

    private static IEnumerable<Finding> Models()
    {
        PipelineCatalog catalog;
        Finding? broken = null;
        try
        {
            catalog = PipelineCatalog.Load();
        }
        catch (CommandException error)
        {
            broken = Finding.Bad("pipelines", error.Message, "correct each line");
            catalog = new PipelineCatalog("", []);
        }

        if (broken is not null)
        {
            yield return broken;
        }

        var models = new ModelCatalog(catalog.Resources, Environment.GetEnvironmentVariable("LEPTON_DATA") is { Length: > 0 } data ? data : null);
        foreach (var pipeline in catalog.All)
        {
            foreach (var tier in pipeline.Tiers.Keys)
            {
                var faults = new List<Fault>();
                using var model = TierModel.Load(pipeline, tier, models, faults);
                // What is wrong with the YAML of a model's use is noted with that YAML.
                faults.AddRange(pipeline.Tiers[tier].Variants[0].Options.Faults.Except(faults));
                yield return model is not null
                    ? Finding.Good($"{pipeline.Name}, {tier}", $"model {model.Model.Id}, its SHA-256 is right")
                    : Finding.Bad($"{pipeline.Name}, {tier}", string.Join("; ", faults.Select(fault => $"{fault.File}: {fault.Problem}")), string.Join("; ", faults.Select(fault => fault.Cure).Distinct()));
            }
        }
    }

    private static async Task<IReadOnlyList<Finding>> RunningAsync(string runFile)
    {
        RunFile run;
        try
        {
            run = RunFile.Read(runFile);
        }
        catch (FaultyResourceException error)
        {
            return [Finding.Bad(runFile, error.Message, "correct each line, or name the run file with -f")];
        }

        var findings = new List<Finding> { Finding.Good(runFile, $"{run.Apps.Count} apps: {string.Join(", ", run.Apps.Select(app => app.Sidecar.AppId))}") };
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        foreach (var app in run.Apps.Select(app => app.Sidecar))
        {
            var running = await AnswersAsync(http, app.HttpPort);
            findings.Add(running ? Finding.Good($"sidecar of {app.AppId}", $"answers on port {app.HttpPort}") : Ports(app.AppId, app.AppPort, app.HttpPort, app.GrpcPort));
        }

        return findings;
    }

    private static Finding Ports(string app, params int[] ports)
    {
        var taken = ports.Where(port => port > 0 && !Supervision.Ports.IsFree(port)).ToList();
        return taken.Count == 0
            ? Finding.Good($"sidecar of {app}", "does not run; its ports are free")
            : Finding.Bad($"sidecar of {app}", $"does not run, and port {string.Join(", ", taken)} is in use", $"end the program that holds it (`ss -ltnp 'sport = :{taken[0]}'` names it) or change the port in the run file");
    }

    private static async Task<bool> AnswersAsync(HttpClient http, int port)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/v1.0/healthz/outbound"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
