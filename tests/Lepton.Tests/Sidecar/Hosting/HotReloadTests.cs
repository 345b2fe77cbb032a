namespace Lepton.Tests.Sidecar.Hosting;

/// <summary>Component and subscription files change under a running sidecar whose configuration asks for HotReload.</summary>
public sealed class HotReloadTests : IAsyncLifetime
{
    private const string Configuration = """
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: {name: config}
        spec: {features: [{name: HotReload, enabled: true}]}
        """;

    private readonly TestRun run = new();
    private readonly DirectoryInfo configuration = Directory.CreateTempSubdirectory("lepton-test-");
    private ProbeApp app = null!;

    public async ValueTask InitializeAsync()
    {
        var file = Path.Combine(configuration.FullName, "config.yaml");
        await File.WriteAllTextAsync(file, Configuration);
        app = run.Add("shop", TestRun.Durable, change: options => options with { ConfigFiles = [file] });
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("shop");
    }

    [Fact]
    public async Task A_subscription_file_that_comes_and_goes_begins_and_ends_deliveries()
    {
        var file = run.WriteResource("shop", "orders.yaml", """
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: {name: orders}
            spec: {pubsubname: bus, topic: orders, routes: {default: /orders}}
            """);
        await SaysAsync("subscription to 'orders' of 'bus' by /orders is new");
        await run.PublishAsync("shop", "orders", "1");
        await app.ExpectAsync("/orders", 1);
        File.Delete(file);
        await SaysAsync("subscription to 'orders' of 'bus' by /orders is gone");
        await run.PublishAsync("shop", "orders", "2");
        await run.PublishAsync("shop", "orders", "3");
        Assert.Single(app.All("/orders"));
    }

    [Fact]
    public async Task A_new_component_serves_and_a_faulty_file_changes_nothing()
    {
        var file = run.WriteResource("shop", "second.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: {name: second}
            spec: {type: state.in-memory, version: v1}
            """);
        await SaysAsync("component 'second' (state.in-memory) is new");
        Assert.Equal(204, (int)(await run.PostAsync("shop", "/v1.0/state/second", """[{"key":"a","value":1}]""")).StatusCode);
        await File.WriteAllTextAsync(file, "kind: Component\nmetadata: [", TestContext.Current.CancellationToken);
        await SaysAsync("the changed resources are not taken");
        Assert.Equal("1", await run.Http.GetStringAsync(run.Url("shop", "/v1.0/state/second/a"), TestContext.Current.CancellationToken));
        File.Delete(file);
        await SaysAsync("component 'second' is gone");
        Assert.Equal(400, (int)(await run.PostAsync("shop", "/v1.0/state/second", """[{"key":"a","value":1}]""")).StatusCode);
    }

    private Task SaysAsync(string text) => Eventually.HoldsAsync(
        () =>
        {
            lock (run.Lines) return run.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));
        },
        $"the log says: {text}");

    public async ValueTask DisposeAsync()
    {
        await run.DisposeAsync();
        configuration.Delete(recursive: true);
    }
}
