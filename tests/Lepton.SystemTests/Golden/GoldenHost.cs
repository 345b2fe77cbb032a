using System.Diagnostics;
using System.Text.Json.Nodes;
using Lepton.Sidecar.Hosting;

namespace Lepton.SystemTests.Golden;

/// <summary>An app of a case with its sidecar: in this process, or the command that GOLDEN_RUNTIME names (always where a case kills or asks for the environment).</summary>
internal sealed class GoldenHost : IAsyncDisposable
{
    private static readonly string[] Kinds = ["appPort", "httpPort", "grpcPort", "internalPort", "metricsPort"];
    private readonly Conversation run;
    private readonly string folder;
    private EmbeddedRuntime? embedded;
    private Process? process;
    private GrpcCalls? calls;
    private Dictionary<string, int> ports = [];

    internal GoldenHost(string name, JsonObject spec, Conversation run)
    {
        (Name, Spec, this.run) = (name, spec, run);
        AppId = spec.Text("appId") ?? $"{name}-{run.Unique}";
        folder = Path.Combine(run.Folder, name);
    }

    internal string Name { get; }

    internal JsonObject Spec { get; }

    internal string AppId { get; }

    internal ProbeApp? App { get; private set; }

    internal GrpcCalls Calls => calls ??= new GrpcCalls(Port("grpcPort"));

    internal int Port(string kind) => ports[kind];

    /// <summary>What `${kind}` stands for; null when there is no such thing.</summary>
    internal string? Value(string kind) => kind == "appId" ? AppId : ports.TryGetValue(kind, out var port) ? port.ToString() : null;

    internal void TakePorts() => ports = Kinds.ToDictionary(kind => kind, _ => FreePorts.Take());

    internal void Write()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        var number = 0;
        foreach (var resource in Spec.Maps("resources")) File.WriteAllText(Path.Combine(resources, $"{number++:00}.yaml"), run.Fill(resource, this)!.ToJsonString());
        if (Spec["config"] is { } config) File.WriteAllText(Path.Combine(folder, "config.yaml"), run.Fill(config, this)!.ToJsonString());
        if (App is not null || Spec.Map("app") is not { } app) return;
        App = new ProbeApp(app, node => run.Fill(node, this));
        App.ReadRoutes();
    }

    internal Task StartAppAsync() => App is { Late: false } ? App.StartAsync(Port("appPort")) : Task.CompletedTask;

    internal async Task StartRuntimeAsync()
    {
        if (run.InProcess) embedded = await EmbeddedRuntime.StartAsync(Embedded());
        else process = Spawn();
    }

    internal async Task ReadyAsync(string? route)
    {
        for (var until = Environment.TickCount64 + 20_000; ; await Task.Delay(25))
        {
            if (process is { HasExited: true }) throw new GoldenException($"{Name}: the runtime ended with code {process.ExitCode} before it was ready; its output:\n{Output()}");
            try
            {
                if ((int)(await Http1.SendAsync(Port("httpPort"), "GET", route ?? "/v1.0/healthz", [], null, TimeSpan.FromSeconds(5)))["status"]! < 300) return;
            }
            catch (Exception fault) when (fault is IOException or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                // Not listening yet.
            }
            if (Environment.TickCount64 > until) throw new GoldenException($"{Name}: not ready within 20 s on {route ?? "/v1.0/healthz"}");
        }
    }

    /// <summary>SIGTERM or SIGKILL, and waits for the end.</summary>
    internal async Task StopRuntimeAsync(string signal)
    {
        calls?.Dispose();
        calls = null;
        if (embedded is not null) await embedded.DisposeAsync();
        embedded = null;
        if (process is null or { HasExited: true }) return;
        if (signal == "SIGKILL") process.Kill();
        else using (Process.Start("kill", ["-TERM", process.Id.ToString()])) { }
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>How the runtime ended by itself.</summary>
    internal async Task<JsonObject> ExitAsync(int withinMs)
    {
        using var limit = new CancellationTokenSource(withinMs);
        try
        {
            await process!.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new GoldenException("the runtime is still running");
        }
        return new JsonObject { ["code"] = process.ExitCode, ["signal"] = null };
    }

    public async ValueTask DisposeAsync()
    {
        await StopRuntimeAsync("SIGKILL");
        process?.Dispose();
        if (App is not null) await App.StopAsync();
    }

    private RuntimeOptions Embedded() => CommandLine.Read([.. Flags()]) with
    {
        StateFolder = Path.Combine(run.Folder, "state-" + Name),
        PeersFolder = Path.Combine(run.Folder, "peers"),
        Log = static _ => { },
    };

    private Process Spawn()
    {
        var command = (Environment.GetEnvironmentVariable("GOLDEN_RUNTIME") is { Length: > 0 } given ? given : $"dotnet {Path.Combine(AppContext.BaseDirectory, "Lepton.Sidecar.dll")}").Split(' ');
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(run.Folder, Name + ".log"), .. command, .. Flags()]) { WorkingDirectory = run.Folder };
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (key, value) in run.Fill(Spec["env"], this) as JsonObject ?? []) start.Environment[key] = Match.Plain(value);
        return Process.Start(start)!;
    }

    private List<string> Flags()
    {
        List<string> flags =
        [
            "--app-id", AppId, "--dapr-http-port", $"{Port("httpPort")}", "--dapr-grpc-port", $"{Port("grpcPort")}", "--dapr-internal-grpc-port", $"{Port("internalPort")}",
            "--metrics-port", $"{Port("metricsPort")}", "--resources-path", Path.Combine(folder, "resources"), "--log-level", "info",
        ];
        if (Spec.ContainsKey("config")) flags.AddRange(["--config", Path.Combine(folder, "config.yaml")]);
        if (App is not null) flags.AddRange(["--app-port", $"{Port("appPort")}", "--app-protocol", App.Protocol]);
        flags.AddRange(["--placement-host-address", Environment.GetEnvironmentVariable("GOLDEN_PLACEMENT") ?? "", "--scheduler-host-address", Environment.GetEnvironmentVariable("GOLDEN_SCHEDULER") ?? ""]);
        foreach (var flag in Spec["flags"] as JsonArray ?? []) flags.Add(Match.Plain(run.Fill(flag, this)));
        return flags;
    }

    private string Output() => File.Exists(Path.Combine(run.Folder, Name + ".log")) ? File.ReadAllText(Path.Combine(run.Folder, Name + ".log")) : "";
}
