using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lepton.Cli;
using Lepton.Cli.Gates;

namespace Lepton.SystemTests.Cli;

/// <summary>A real `lepton up` in a folder of its own, with the repository's dapr.yaml and components on free ports.</summary>
internal sealed class UpRun : IAsyncDisposable
{
    private const int AppPorts = 8600, HttpPorts = 3600;

    private static int lastPort = Random.Shared.Next(2_700);

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly StringBuilder output = new(), errors = new();
    private Process? process;

    private UpRun(string folder, IReadOnlyDictionary<int, int> ports) => (Folder, Ports) = (folder, ports);

    public string Folder { get; }

    /// <summary>The free port that stands for each port of the repository's dapr.yaml, and for the page (8600) and the control API (3600).</summary>
    public IReadOnlyDictionary<int, int> Ports { get; }

    public Uri Page => new($"http://127.0.0.1:{Ports[AppPorts]}");

    public Process Process => process!;

    public string Errors
    {
        get
        {
            lock (errors)
            {
                return errors.ToString();
            }
        }
    }

    /// <summary>Lays the folder out without starting anything.</summary>
    public static UpRun Prepare()
    {
        var root = FindRoot();
        var run = new UpRun(Directory.CreateTempSubdirectory("lepton-up").FullName, FreePorts());
        var yaml = File.ReadAllText(Path.Combine(root, "dapr.yaml"))
            .Replace("appDirPath: .", $"appDirPath: {run.Folder}", StringComparison.Ordinal)
            .Replace("""["./lepton", "node"]""", Command(root, "Lepton.Node", "Lepton.Node"), StringComparison.Ordinal);
        foreach (var command in (string[])["checker", "devices"])
        {
            yaml = yaml.Replace($"""["./lepton", "{command}"]""", Command(root, "Lepton.Cli", "lepton-cli", command), StringComparison.Ordinal);
        }

        File.WriteAllText(run.RunFile, run.Renumber(yaml));
        foreach (var file in Directory.GetFiles(Path.Combine(root, "components", "local"), "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(run.Folder, Path.GetRelativePath(root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllText(copy, run.Renumber(File.ReadAllText(file)));
        }

        return run;
    }

    public string RunFile => Path.Combine(Folder, "dapr.yaml");

    public UpRun Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet",
            [Program(FindRoot(), "Lepton.Cli", "lepton-cli"), "up", "--page-port", $"{Ports[AppPorts]}", "--control-port", $"{Ports[HttpPorts]}", .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Real data is not what is tried here: the simulators are the same everywhere.
        start.Environment.Remove("LEPTON_DATA");
        start.Environment["LEPTON_RETRY_TO"] = "2s";
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return this;
    }

    /// <summary>Waits for the end; gives the exit code and the JSON of the summary (null when there was none).</summary>
    public async Task<(int ExitCode, JsonObject? Summary)> EndAsync(int seconds = 90)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            await Process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"`up` did not end within {seconds} s. {await ReportAsync()}");
        }

        lock (output)
        {
            var text = output.ToString();
            return (Process.ExitCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : null);
        }
    }

    public Task<JsonObject?> StateAsync() => Http.GetFromJsonAsync<JsonObject>(new Uri(Page, "/api/state"));

    public async Task UntilAsync(Func<JsonObject, bool> condition, string what, int seconds = 60)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since).TotalSeconds < seconds;)
        {
            Assert.False(process!.HasExited, $"`up` ended before {what}. {Errors}");
            try
            {
                if (await StateAsync() is { } state && condition(state))
                {
                    return;
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException or JsonException)
            {
                // The page is not up yet.
            }

            await Task.Delay(100);
        }

        Assert.Fail($"waited {seconds} s for {what}. {await ReportAsync()}");
    }

    public static JsonNode App(JsonObject state, string name) => state["apps"]!.AsArray().Single(app => (string)app!["name"]! == name)!;

    /// <summary>A figure of the street pipeline; 0 while there is none.</summary>
    public static long Figure(JsonObject state, string name) => (long?)state["pipelines"]!["street"]?[name] ?? 0;

    public async Task<long> ResidentMegabytesAsync(string app) => Process.GetProcessById((int)App((await StateAsync())!, app)["pid"]!).WorkingSet64 >> 20;

    public async Task KillAsync(string app)
    {
        var victim = App((await StateAsync())!, app);
        var (pid, restarts) = ((int)victim["pid"]!, (int)victim["restarts"]!);
        Process.GetProcessById(pid).Kill();
        await UntilAsync(state => App(state, app) is var again && (int)again["restarts"]! == restarts + 1 && (bool)again["up"]!, $"{app} is up again after kill -9");
    }

    /// <summary>A gate of the edge node as <c>lepton gate status --output json</c> shows it, once the node has it.</summary>
    public async Task<JsonElement> GateAsync(string pipeline)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(100))
        {
            using var told = new StringWriter();
            try
            {
                await GateStatusCommand.ShowAsync(new Uri($"http://127.0.0.1:{Ports[8601]}"), pipeline, json: true, told, CancellationToken.None);
                return JsonElement.Parse(told.ToString())[0];
            }
            catch (CommandException error)
            {
                Assert.True(Stopwatch.GetElapsedTime(since).TotalSeconds < 30, $"no gate after 30 s: {error.Message}");
            }
        }
    }

    public Task<HttpResponseMessage> CutAsync(bool cut) => Http.PostAsJsonAsync(new Uri(Page, "/api/uplink"), new { cut });

    public Task<HttpResponseMessage> PublishInCloudAsync(string topic, object data) => Http.PostAsJsonAsync(new Uri($"http://127.0.0.1:{Ports[3602]}/v1.0/publish/lepton-pubsub/{topic}"), data);

    public void Interrupt() => Process.Start("kill", ["-INT", $"{Process.Id}"]).WaitForExit();

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // A child that is still ending writes its last lines.
        }
    }

    private async Task<string> ReportAsync()
    {
        string state;
        try
        {
            state = (await StateAsync())?.ToJsonString() ?? "";
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            state = "no state";
        }

        var logs = Path.Combine(Folder, ".lepton", "logs");
        var tails = Directory.Exists(logs) ? Directory.GetFiles(logs).Select(log => $"{Path.GetFileName(log)}: {string.Join(" | ", File.ReadLines(log).TakeLast(4))}") : [];
        return string.Join(Environment.NewLine, [Errors, state, .. tails]);
    }

    private string Renumber(string text) => Regex.Replace(text, @"\b\d{4,5}\b", number => Ports.TryGetValue(int.Parse(number.Value), out var free) ? $"{free}" : number.Value);

    private static string Command(string root, string project, string program, params string[] arguments) =>
        JsonSerializer.Serialize<string[]>(["dotnet", Program(root, project, program), .. arguments]);

    private static string Program(string root, string project, string program) => Path.Combine(root, "artifacts", "bin", project, "release", program + ".dll");

    private static Dictionary<int, int> FreePorts()
    {
        int[] fixedPorts = [AppPorts, 8601, 8602, 8604, HttpPorts, 3601, 3602, 3603, 3604, 50601, 50602, 50603, 50604];
        return fixedPorts.ToDictionary(number => number, _ => FreePort());
    }

    /// <summary>Below the range from which the system gives ports to others: the apps of a run start later, and their ports must still be free then.</summary>
    private static int FreePort()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 30_000 + (Interlocked.Increment(ref lastPort) % 2_700)));
                return ((IPEndPoint)socket.LocalEndPoint!).Port;
            }
            catch (SocketException)
            {
                // Somebody has it: take the next one.
            }
        }
    }

    private static void Keep(StringBuilder lines, string? line)
    {
        lock (lines)
        {
            _ = line is null ? lines : lines.AppendLine(line);
        }
    }

    internal static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Lepton.Dapr.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
