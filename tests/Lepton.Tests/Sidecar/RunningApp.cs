using Lepton.Sidecar.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lepton.Tests.Sidecar;

/// <summary>An app with the official SDKs, and its sidecar in this process: real ports, a state folder of its own.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly DirectoryInfo folder;

    internal string AppId { get; }

    internal required EmbeddedRuntime Runtime { get; init; }

    internal required WebApplication App { get; init; }

    internal T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    internal Uri Http => new($"http://127.0.0.1:{Runtime.PortsOf(AppId).Http}");

    /// <summary>The sidecar of another app of the same run, which has no app process.</summary>
    internal Uri Another => new($"http://127.0.0.1:{Runtime.PortsOf("another").Http}");

    internal static async Task<RunningApp> StartAsync(Action<IServiceCollection> services, Action<WebApplication> map)
    {
        var folder = Directory.CreateTempSubdirectory("lepton-test-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "store.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: store }
            spec:
              type: state.redis
              version: v1
              metadata:
              - { name: redisHost, value: "localhost:6379" }
              - { name: actorStateStore, value: "true" }
            """);
        var config = Path.Combine(folder.FullName, "config.yaml");
        await File.WriteAllTextAsync(config, """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: { name: config }
            spec: { features: [ { name: ActorStateTTL, enabled: true } ] }
            """);
        var appId = "app-" + Guid.NewGuid().ToString("N")[..8];
        var appPort = FreePort.Take();
        var runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions
        {
            Sidecars = [new SidecarOptions { AppId = appId, AppPort = appPort, ResourcesPaths = [folder.FullName], ConfigFiles = [config] }, new SidecarOptions { AppId = "another" }],
            StateFolder = Path.Combine(folder.FullName, "state"),
            Log = static _ => { },
        });
        var (http, grpc) = runtime.PortsOf(appId);
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{http}",
            ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{grpc}",
        });
        builder.WebHost.UseUrls($"http://127.0.0.1:{appPort}");
        services(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new RunningApp(folder, appId) { Runtime = runtime, App = app };
    }

    private RunningApp(DirectoryInfo folder, string appId) => (this.folder, AppId) = (folder, appId);

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Runtime.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
