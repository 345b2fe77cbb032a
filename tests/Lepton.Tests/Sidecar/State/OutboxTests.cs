using System.Net;
using System.Text.Json;

namespace Lepton.Tests.Sidecar.State;

public sealed class OutboxTests
{
    private const string Resources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec:
          type: state.redis
          version: v1
          metadata: [ { name: redisHost, value: "localhost:6379" }, { name: outboxPublishPubsub, value: bus }, { name: outboxPublishTopic, value: orders } ]
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Subscription
        metadata: { name: s }
        spec: { pubsubname: bus, topic: orders, route: /orders }
        """;

    [Fact]
    public async Task Each_upsert_is_published_once_and_a_failed_transaction_publishes_nothing()
    {
        await using var run = new TestRun();
        var app = run.Add("a", Resources);
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        using var failed = await run.PostAsync("a", "/v1.0/state/store/transaction",
            """{"operations":[{"operation":"upsert","request":{"key":"x","value":0}},{"operation":"delete","request":{"key":"y","etag":"1"}}]}""");
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        using var done = await run.PostAsync("a", "/v1.0/state/store/transaction", """
            {"operations":[
              {"operation":"upsert","request":{"key":"a","value":{"n":1},"metadata":{"contentType":"application/json","type":"made"}}},
              {"operation":"upsert","request":{"key":"b","value":{"secret":1}}},
              {"operation":"upsert","request":{"key":"b","value":{"shown":2},"metadata":{"outbox.projection":"true","contentType":"application/json"}}},
              {"operation":"delete","request":{"key":"c"}}]}
            """);
        Assert.Equal(HttpStatusCode.NoContent, done.StatusCode);
        var events = (await app.ExpectAsync("/orders", 2)).Select(r => JsonDocument.Parse(r.Body).RootElement).ToList();
        Assert.Equal(["{\"n\":1}", "{\"shown\":2}"], events.Select(e => e.GetProperty("data").GetRawText()).Order());
        Assert.Equal("made", events.Single(e => e.GetProperty("data").TryGetProperty("n", out _)).GetProperty("type").GetString());
        Assert.Equal("{\"secret\":1}", await run.Http.GetStringAsync(run.Url("a", "/v1.0/state/store/b"), TestContext.Current.CancellationToken));
        Assert.Equal(2, app.All("/orders").Count);
    }
}
