using System.Net;
using Dapr.Client;

namespace Lepton.Tests.Sidecar.Configurations;

public sealed class ConfigurationTests
{
    private const string Store = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: cfg }
        spec: { type: configuration.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task SetAsync(TestRun run, string key, string value)
    {
        using var answer = await run.Http.PutAsync($"http://127.0.0.1:{run.Runtime.ControlPort}/control/configuration/a/cfg/{key}", new StringContent(value), Stop);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task The_official_client_reads_values_and_is_told_of_changes()
    {
        await using var run = new TestRun { ControlPort = 0 };
        run.Add("a", Store, withApp: false);
        await run.StartAsync();
        await SetAsync(run, "k1", "v1||1");
        await SetAsync(run, "k2", "v2");
        await run.RestartAsync();
        using var dapr = new DaprClientBuilder().UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}").Build();
        var read = await dapr.GetConfiguration("cfg", ["k1", "absent"], cancellationToken: Stop);
        Assert.Equal(("v1", "1"), (Assert.Single(read.Items).Value.Value, read.Items["k1"].Version));
        Assert.Equal(2, (await dapr.GetConfiguration("cfg", [], cancellationToken: Stop)).Items.Count);

        var subscription = await dapr.SubscribeConfiguration("cfg", ["k1"], cancellationToken: Stop);
        await using var changes = subscription.Source.GetAsyncEnumerator(Stop);
        // The first message has only the id.
        Assert.True(await changes.MoveNextAsync());
        Assert.Empty(changes.Current);
        await SetAsync(run, "k2", "other");
        await SetAsync(run, "k1", "v9||2");
        Assert.True(await changes.MoveNextAsync());
        Assert.Equal("v9", changes.Current["k1"].Value);
        await dapr.UnsubscribeConfiguration("cfg", subscription.Id, Stop);
        Assert.False(await changes.MoveNextAsync());
    }

    [Fact]
    public async Task An_app_over_http_is_told_until_it_unsubscribes()
    {
        await using var run = new TestRun { ControlPort = 0 };
        var app = run.Add("a", Store);
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        var id = (await run.Http.GetStringAsync(run.Url("a", "/v1.0/configuration/cfg/subscribe?key=k"), Stop)).Split('"')[3];
        await SetAsync(run, "k", "v||3");
        var told = await app.ExpectAsync("/configuration/cfg/k", 1);
        Assert.Equal("""{"id":"ID","items":{"k":{"value":"v","version":"3"}}}""".Replace("ID", id, StringComparison.Ordinal), told[0].Body);
        Assert.Equal("{\"ok\":true}\n", await run.Http.GetStringAsync(run.Url("a", $"/v1.0/configuration/cfg/{id}/unsubscribe"), Stop));
        using var again = await run.Http.GetAsync(run.Url("a", $"/v1.0/configuration/cfg/{id}/unsubscribe"), Stop);
        Assert.Equal(HttpStatusCode.InternalServerError, again.StatusCode);
        using var nobody = await run.Http.PutAsync($"http://127.0.0.1:{run.Runtime.ControlPort}/control/configuration/a/nope/k", new StringContent("v"), Stop);
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }
}
