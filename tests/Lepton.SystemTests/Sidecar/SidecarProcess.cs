using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Lepton.SystemTests.Sidecar;

/// <summary>The stand-alone runtime as a process of its own, on ports and a state folder that it keeps over restarts.</summary>
internal sealed class SidecarProcess(int appPort = 0, string resources = SidecarProcess.ActorStore) : IDisposable
{
    /// <summary>What an app needs for workflows and actors.</summary>
    internal const string ActorStore = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore }
        spec: { type: state.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" }, { name: actorStateStore, value: "true" } ] }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-system-");
    private Process? process;

    internal int HttpPort { get; } = FreePort();

    internal int GrpcPort { get; } = FreePort();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts the process and returns when its API answers.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "Lepton.Sidecar.dll");
        var resourcesFolder = folder.CreateSubdirectory("resources");
        await File.WriteAllTextAsync(Path.Combine(resourcesFolder.FullName, "resources.yaml"), resources, cancellationToken);
        string[] arguments =
        [
            dll, "--app-id", "kill-test", "--app-port", $"{appPort}", "--dapr-http-port", $"{HttpPort}", "--dapr-grpc-port", $"{GrpcPort}",
            "--state", Path.Combine(folder.FullName, "state"), "--resources-path", resourcesFolder.FullName,
        ];
        process = Process.Start(new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync($"http://127.0.0.1:{HttpPort}/v1.0/healthz/outbound", cancellationToken);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    internal bool HasLoaded(string library) => File.ReadLines($"/proc/{process!.Id}/maps").Any(line => line.Contains(library, StringComparison.Ordinal));

    /// <summary>kill -9.</summary>
    internal void Kill()
    {
        process!.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (process is { HasExited: false }) Kill();
        process?.Dispose();
        folder.Delete(recursive: true);
    }
}
