using System.Diagnostics;
using Lepton.Sidecar.Hosting;

namespace Lepton.Benchmarks.Runtime;

/// <summary>The runtime in a process of its own with durable state: Lepton's, or any command that takes daprd's flags, through LEPTON_RUNTIME.</summary>
internal sealed class RuntimeProcess : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-benchmark-");
    private readonly int appPort;
    private ChildProcess child = null!;

    private RuntimeProcess(int appPort, string resources)
    {
        this.appPort = appPort;
        File.WriteAllText(Path.Combine(folder.CreateSubdirectory("resources").FullName, "resources.yaml"), resources);
    }

    private void Launch()
    {
        string[] own = Environment.GetEnvironmentVariable("LEPTON_RUNTIME") is { Length: > 0 } command ? command.Split(' ') : ["dotnet", Path.Combine(AppContext.BaseDirectory, "Lepton.Sidecar.dll")];
        child = new ChildProcess(
            [.. own, "--app-id", "bench", "--app-port", $"{appPort}", "--dapr-http-port", $"{HttpPort}", "--dapr-grpc-port", $"{GrpcPort}", "--resources-path", Path.Combine(folder.FullName, "resources"), "--state", Path.Combine(folder.FullName, "state")],
            folder.FullName);
    }

    public int HttpPort { get; } = FreePort.Take();

    public int GrpcPort { get; } = FreePort.Take();

    public TimeSpan Processor => child.Processor;

    public long ResidentBytes => child.ResidentBytes;

    public static async Task<RuntimeProcess> StartAsync(int appPort, string resources, CancellationToken cancellation)
    {
        var runtime = new RuntimeProcess(appPort, resources);
        await runtime.ReadyAsync(cancellation);
        return runtime;
    }

    /// <summary>kill -9 and start again; the milliseconds from the start to the first answer.</summary>
    public Task<double> RestartAsync(CancellationToken cancellation)
    {
        child.Dispose();
        return ReadyAsync(cancellation);
    }

    /// <summary>Ends the process for good measure and lets <paramref name="change"/> work on its state folder; to be followed by a restart.</summary>
    public void WhileDown(Action<string> change)
    {
        child.Dispose();
        change(Path.Combine(folder.FullName, "state"));
    }

    private async Task<double> ReadyAsync(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        Launch();
        using var http = new HttpClient();
        while (true)
        {
            child.ThrowIfEnded();
            try
            {
                using var answer = await http.GetAsync($"http://127.0.0.1:{HttpPort}/v1.0/healthz", cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(5, cancellation);
        }
    }

    public void Dispose()
    {
        child.Dispose();
        folder.Delete(recursive: true);
    }
}

/// <summary>A program under measurement; its output is kept for the message when it ends too early.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process process;
    private readonly List<string> lines = [];
    private bool ended;

    public ChildProcess(string[] command, string folder)
    {
        process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException($"'{command[0]}' did not start");
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public TimeSpan Processor
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public long ResidentBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public void ThrowIfEnded()
    {
        if (process.HasExited)
        {
            process.WaitForExit();
            throw new InvalidOperationException($"the program under measurement ended with {process.ExitCode}: {string.Join('\n', lines)}");
        }
    }

    public void Dispose()
    {
        if (ended)
        {
            return;
        }

        ended = true;
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.WaitForExit();
        process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text && lines.Count < 200)
        {
            lines.Add(text);
        }
    }
}
