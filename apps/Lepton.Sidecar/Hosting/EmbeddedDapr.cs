using Lepton.Sidecar.PubSub;

namespace Lepton.Sidecar.Hosting;

/// <summary>
/// Dapr in a test's own process: a sidecar per app on free ports, nothing installed, no files left behind. The official SDKs work on it unchanged.
/// <example><code>
/// await using var dapr = await EmbeddedDapr.StartAsync(new SidecarOptions { AppId = "orders", AppPort = port });
/// using var client = new DaprClientBuilder().UseHttpEndpoint(dapr.HttpEndpoint("orders")).UseGrpcEndpoint(dapr.GrpcEndpoint("orders")).Build();
/// </code></example>
/// </summary>
public sealed class EmbeddedDapr : IAsyncDisposable
{
    private EmbeddedRuntime runtime;

    private EmbeddedDapr(EmbeddedRuntime runtime) => this.runtime = runtime;

    /// <summary>Starts a sidecar for each app; the apps may start before or after it.</summary>
    /// <inheritdoc cref="StartAsync(RuntimeOptions, CancellationToken)"/>
    public static Task<EmbeddedDapr> StartAsync(params SidecarOptions[] apps) => StartAsync(new RuntimeOptions { Sidecars = apps, Log = static _ => { } });

    /// <summary>
    /// Starts a sidecar for each app. An app without resources gets what `dapr init` would set up: pub/sub <c>pubsub</c> and the state and actor store <c>statestore</c>.
    /// </summary>
    /// <exception cref="RuntimeException">A port is taken or a component is of a type nothing serves; the message says which and what to do.</exception>
    /// <exception cref="Storage.StorageException">The state folder cannot be used.</exception>
    public static async Task<EmbeddedDapr> StartAsync(RuntimeOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sidecars = options.Sidecars.Select(s => s.ResourcesPaths.Count == 0 && s.Resources is null ? s with { Resources = InitialResources } : s);
        return new(await EmbeddedRuntime.StartAsync(options with { Sidecars = [.. sidecars] }, stop).ConfigureAwait(false));
    }

    /// <summary>Where the app's sidecar serves the HTTP API: what DAPR_HTTP_ENDPOINT is to hold.</summary>
    /// <exception cref="KeyNotFoundException">No such app was started.</exception>
    public string HttpEndpoint(string appId) => $"http://127.0.0.1:{runtime.PortsOf(appId).Http}";

    /// <summary>Where the app's sidecar serves the gRPC API: what DAPR_GRPC_ENDPOINT is to hold.</summary>
    /// <exception cref="KeyNotFoundException">No such app was started.</exception>
    public string GrpcEndpoint(string appId) => $"http://127.0.0.1:{runtime.PortsOf(appId).Grpc}";

    /// <summary>Waits until the app listens and its subscriptions, actors and routes are read.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled first.</exception>
    public async Task ReadyAsync(string appId, CancellationToken stop = default)
    {
        var sidecar = runtime.Sidecars[appId];
        while (!sidecar.State.Ready) await Task.Delay(TimeSpan.FromMilliseconds(5), stop).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the runtime as kill -9 would, also in the middle of a delivery, a turn or an activity, and starts it again on the same ports with what was
    /// committed. Switches set by the methods below are gone; `*.in-memory` components are empty.
    /// </summary>
    public async Task RestartAsync(CancellationToken stop = default) => runtime = await runtime.RestartAsync(stop).ConfigureAwait(false);

    /// <summary>The next <paramref name="count"/> acknowledgements of a topic's deliveries get lost: those deliveries come again.</summary>
    public void LoseAcknowledgements(string appId, string pubsub, string topic, int count = 1) => ConnectionOf(appId, pubsub).LoseAcknowledgements(topic, count);

    /// <summary>The next <paramref name="count"/> messages of a topic are delivered twice.</summary>
    public void Duplicate(string appId, string pubsub, string topic, int count = 1) => ConnectionOf(appId, pubsub).Duplicate(topic, count);

    /// <summary>
    /// The broker behind a component can't be reached for a time by the runtime's clock (with a <see cref="Timing.VirtualClock"/>, hours pass at once):
    /// publishing fails, nothing is delivered, acknowledgements get lost. It holds for every app that shares the broker. Zero connects it again.
    /// </summary>
    public void Disconnect(string appId, string pubsub, TimeSpan length) => ConnectionOf(appId, pubsub).Disconnect(length);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => runtime.DisposeAsync();

    private Connection ConnectionOf(string appId, string pubsub)
    {
        var components = runtime.Sidecars[appId].Resources.Components;
        return components.TryGetValue(pubsub, out var component) && component.Family == "pubsub"
            ? runtime.Brokers.Of(component, appId).Connection
            : throw new ArgumentException($"App '{appId}' has no pub/sub component '{pubsub}'. It has: {string.Join(", ", components.Values.Where(c => c.Family == "pubsub").Select(c => c.Name))}.", nameof(pubsub));
    }

    private const string InitialResources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: pubsub}
        spec: {type: pubsub.redis, version: v1, metadata: [{name: redisHost, value: "localhost:6379"}]}
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: statestore}
        spec: {type: state.redis, version: v1, metadata: [{name: redisHost, value: "localhost:6379"}, {name: actorStateStore, value: "true"}]}
        """;
}
