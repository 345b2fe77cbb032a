using Lepton.Sidecar.Hosting;

namespace Lepton.Tests.Sidecar;

/// <summary>A runtime in this process with resources given as text; the state folder outlives a restart.</summary>
internal sealed class TestRun : IAsyncDisposable
{
    internal const string ActorStore = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.in-memory, version: v1, metadata: [ { name: actorStateStore, value: "true" } ] }
        """;

    internal const string Memory = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.in-memory, version: v1 }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.in-memory, version: v1 }
        """;

    internal const string Durable = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-test-");
    private readonly List<SidecarOptions> sidecars = [];
    private readonly List<ProbeApp> apps = [];

    internal EmbeddedRuntime Runtime { get; private set; } = null!;

    internal List<string> Lines { get; } = [];

    internal FailedDelivery FailedDelivery { get; init; }

    internal int? ControlPort { get; init; }

    internal TimeProvider Time { get; set; } = TimeProvider.System;

    internal string StateFolder => Path.Combine(folder.FullName, "state");

    internal HttpClient Http { get; } = new();

    /// <summary>Adds an app with its resources; without a probe it has no port.</summary>
    internal ProbeApp Add(string appId, string resources, bool withApp = true, Func<SidecarOptions, SidecarOptions>? change = null)
    {
        var path = Directory.CreateDirectory(Path.Combine(folder.FullName, appId));
        File.WriteAllText(Path.Combine(path.FullName, "resources.yaml"), resources);
        var app = new ProbeApp { Port = FreePort.Take() };
        var options = new SidecarOptions { AppId = appId, AppPort = withApp ? app.Port : 0, ResourcesPaths = [path.FullName] };
        sidecars.Add(change is null ? options : change(options));
        apps.Add(app);
        return app;
    }

    /// <summary>Writes one more resource file of an app.</summary>
    internal string WriteResource(string appId, string name, string text)
    {
        var file = Path.Combine(folder.FullName, appId, name);
        File.WriteAllText(file, text);
        return file;
    }

    internal async Task StartAsync()
    {
        Runtime = await EmbeddedRuntime.StartAsync(new RuntimeOptions
        {
            Sidecars = sidecars,
            StateFolder = StateFolder,
            ControlPort = ControlPort,
            FailedDelivery = FailedDelivery,
            Time = Time,
            Log = line =>
            {
                lock (Lines) Lines.Add(line);
            },
        });
    }

    /// <summary>Waits until an app's sidecar has read its subscriptions.</summary>
    internal async Task ReadyAsync(string appId)
    {
        await Eventually.HoldsAsync(() => Runtime.Sidecars[appId].State.Ready, $"the sidecar of {appId} is ready");
    }

    internal async Task RestartAsync()
    {
        await Runtime.DisposeAsync();
        await StartAsync();
    }

    internal string Url(string appId, string path) => $"http://127.0.0.1:{Runtime.PortsOf(appId).Http}{path}";

    internal Task<HttpResponseMessage> PublishAsync(string appId, string topic, string json) =>
        Http.PostAsync(Url(appId, $"/v1.0/publish/bus/{topic}"), new StringContent(json, null, "application/json"));

    internal Task<HttpResponseMessage> PostAsync(string appId, string path, string json) => Http.PostAsync(Url(appId, path), new StringContent(json, null, "application/json"));

    public async ValueTask DisposeAsync()
    {
        if (Runtime is not null) await Runtime.DisposeAsync();
        foreach (var app in apps) await app.DisposeAsync();
        Http.Dispose();
        folder.Delete(recursive: true);
    }
}
