using System.Net;
using Dapr.Client;

namespace Lepton.Tests.Sidecar.State;

public sealed class StateTests
{
    private sealed record Order(string Name, int Count);

    private static DaprClient Client(TestRun run, string appId) => new DaprClientBuilder()
        .UseHttpEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf(appId).Http}")
        .UseGrpcEndpoint($"http://127.0.0.1:{run.Runtime.PortsOf(appId).Grpc}").Build();

    [Fact]
    public async Task The_official_client_saves_reads_guards_by_etag_and_deletes()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Durable, withApp: false);
        await run.StartAsync();
        using var dapr = Client(run, "a");
        await dapr.WaitForSidecarAsync(TestContext.Current.CancellationToken);
        await dapr.SaveStateAsync("store", "k", new Order("x", 1), cancellationToken: TestContext.Current.CancellationToken);
        var (order, etag) = await dapr.GetStateAndETagAsync<Order>("store", "k", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new Order("x", 1), order);
        Assert.True(await dapr.TrySaveStateAsync("store", "k", new Order("y", 2), etag, cancellationToken: TestContext.Current.CancellationToken));
        Assert.False(await dapr.TrySaveStateAsync("store", "k", new Order("z", 3), etag, cancellationToken: TestContext.Current.CancellationToken));
        await run.RestartAsync();
        using var again = Client(run, "a");
        Assert.Equal(new Order("y", 2), await again.GetStateAsync<Order>("store", "k", cancellationToken: TestContext.Current.CancellationToken));
        await again.DeleteStateAsync("store", "k", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(await again.GetStateAsync<Order>("store", "k", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_transaction_is_all_or_nothing()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Durable, withApp: false);
        await run.StartAsync();
        (await run.PostAsync("a", "/v1.0/state/store", """[{"key":"a","value":1}]""")).Dispose();
        using var refused = await run.PostAsync("a", "/v1.0/state/store/transaction", """
            {"operations":[{"operation":"upsert","request":{"key":"a","value":10}},{"operation":"upsert","request":{"key":"b","value":5,"etag":"wrong"}}]}
            """);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.Equal("1", await run.Http.GetStringAsync(run.Url("a", "/v1.0/state/store/a"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Two_apps_with_one_redis_see_each_other_only_where_keys_are_shared()
    {
        await using var run = new TestRun();
        var shared = TestRun.Durable.Replace("type: state.redis, version: v1, metadata: [", "type: state.redis, version: v1, metadata: [ { name: keyPrefix, value: none },");
        run.Add("a", shared, withApp: false);
        run.Add("b", shared, withApp: false);
        run.Add("c", TestRun.Durable, withApp: false);
        await run.StartAsync();
        (await run.PostAsync("a", "/v1.0/state/store", """[{"key":"k","value":1}]""")).Dispose();
        Assert.Equal("1", await run.Http.GetStringAsync(run.Url("b", "/v1.0/state/store/k"), TestContext.Current.CancellationToken));
        using var other = await run.Http.GetAsync(run.Url("c", "/v1.0/state/store/k"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, other.StatusCode);
    }

    [Theory]
    [InlineData(0.00000012, "1.2e-7")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1234567890123456789, "1234567890123456800")]
    [InlineData(1.50, "1.5")]
    [InlineData(1000, "1000")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(123.456, "123.456")]
    public void Numbers_are_written_as_daprd_writes_them(double number, string text) => Assert.Equal(text, Lepton.Sidecar.State.GoJson.Number(number));
}
