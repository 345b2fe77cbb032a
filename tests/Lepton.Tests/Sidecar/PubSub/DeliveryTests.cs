using System.Net;
using System.Text.Json;
using Lepton.Sidecar.Hosting;

namespace Lepton.Tests.Sidecar.PubSub;

public sealed class DeliveryTests
{
    private const string Orders = """[{"pubsubname":"bus","topic":"orders","route":"orders"}]""";

    [Fact]
    public async Task An_event_arrives_once_and_what_was_acknowledged_never_again()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Durable);
        app.Subscriptions = Orders;
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        using var answer = await run.PublishAsync("a", "orders", """{"n":12345678901234567890}""");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var got = await app.ExpectAsync("/orders", 1);
        Assert.Contains("\"data\":{\"n\":12345678901234567890}", got[0].Body);
        Assert.Equal("application/cloudevents+json", got[0].Headers["content-type"]);
        await run.RestartAsync();
        await run.ReadyAsync("a");
        await run.PublishAsync("a", "orders", """{"n":2}""");
        await app.ExpectAsync("/orders", 2);
        Assert.Single(app.All("/orders"), r => r.Body.Contains("12345678901234567890"));
    }

    [Fact]
    public async Task An_unacknowledged_delivery_comes_again_after_a_restart()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Durable, change: o => o with { GracefulShutdown = TimeSpan.FromMilliseconds(50) });
        app.Subscriptions = Orders;
        var hang = new TaskCompletionSource();
        app.Answer = async _ =>
        {
            await hang.Task;
            return (200, "");
        };
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        await run.PublishAsync("a", "orders", "1");
        await app.ExpectAsync("/orders", 1);
        await run.RestartAsync();
        await app.ExpectAsync("/orders", 2);
        hang.SetResult();
        await Eventually.HoldsAsync(() => run.Runtime.Brokers.Inboxes.Single().Inbox.Pending == 0, "nothing is pending");
    }

    [Fact]
    public async Task What_is_published_while_the_app_is_away_waits_for_it()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Durable);
        app.Subscriptions = Orders;
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        await app.StopAsync();
        for (var i = 0; i < 50; i++) await run.PublishAsync("a", "orders", $"{i}");
        await app.StartAsync();
        var got = await app.ExpectAsync("/orders", 50);
        Assert.Equal(50, got.Select(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("data").GetInt32()).Distinct().Count());
    }

    [Fact]
    public async Task Apps_of_one_broker_are_groups_of_their_own_and_another_db_is_another_world()
    {
        await using var run = new TestRun();
        var (a, b, other) = (run.Add("a", TestRun.Durable), run.Add("b", TestRun.Durable), run.Add("c", TestRun.Durable.Replace("value: \"localhost:6379\" }", "value: \"localhost:6379\" }, { name: redisDB, value: \"1\" }")));
        foreach (var app in new[] { a, b, other })
        {
            app.Subscriptions = Orders;
            await app.StartAsync();
        }
        await run.StartAsync();
        foreach (var id in new[] { "a", "b", "c" }) await run.ReadyAsync(id);
        await run.PublishAsync("a", "orders", "1");
        await a.ExpectAsync("/orders", 1);
        await b.ExpectAsync("/orders", 1);
        await run.PublishAsync("c", "orders", "2");
        Assert.Contains("\"data\":2", (await other.ExpectAsync("/orders", 1))[0].Body);
        Assert.Single(a.All("/orders"));
    }

    [Theory]
    [InlineData(FailedDelivery.KeepPending, 2)]
    [InlineData(FailedDelivery.AsDaprd, 1)]
    public async Task A_failed_delivery_without_dead_letters_comes_again_unless_daprd_is_asked_for(FailedDelivery failed, int calls)
    {
        await using var run = new TestRun { FailedDelivery = failed };
        var app = run.Add("a", TestRun.Durable);
        app.Subscriptions = Orders;
        var first = true;
        app.Answer = _ =>
        {
            var status = first ? 500 : 200;
            first = false;
            return Task.FromResult((status, ""));
        };
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        await run.PublishAsync("a", "orders", "1");
        await app.ExpectAsync("/orders", calls);
        await Eventually.HoldsAsync(() => run.Runtime.Brokers.Inboxes.Single().Inbox.Pending == 0, "nothing is pending");
        Assert.Equal(calls, app.All("/orders").Count);
    }

    [Fact]
    public async Task Retries_by_policy_then_dead_letter_with_the_same_bytes()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Durable + """

            ---
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies: { retries: { quick: { policy: constant, duration: 10ms, maxRetries: 2 } } }
              targets: { components: { bus: { inbound: { retry: quick } } } }
            """);
        app.Subscriptions = """[{"pubsubname":"bus","topic":"orders","route":"orders","deadLetterTopic":"dead"},{"pubsubname":"bus","topic":"dead","route":"dead"}]""";
        app.Answer = r => Task.FromResult((r.Path == "/orders" ? 500 : 200, ""));
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        await run.PublishAsync("a", "orders", "1");
        var dead = await app.ExpectAsync("/dead", 1);
        Assert.Equal(3, app.All("/orders").Count);
        Assert.Equal(app.All("/orders")[0].Body, dead[0].Body);
        Assert.Equal(1, run.Runtime.Brokers.Inboxes.Single(i => i.Inbox.Topic == "orders").Inbox.DeadLettered);
    }

    [Fact]
    public async Task A_batch_is_answered_entry_by_entry()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Durable);
        app.Subscriptions = """[{"pubsubname":"bus","topic":"orders","route":"orders","bulkSubscribe":{"enabled":true,"maxMessagesCount":20,"maxAwaitDurationMs":50}}]""";
        var failedOnce = false;
        app.Answer = r =>
        {
            var entries = JsonDocument.Parse(r.Body).RootElement.GetProperty("entries").EnumerateArray().ToList();
            var statuses = entries.Select(e =>
            {
                var fails = e.GetProperty("event").GetProperty("data").GetInt32() == 7 && !failedOnce;
                if (fails) failedOnce = true;
                return $$"""{"entryId":"{{e.GetProperty("entryId").GetString()}}","status":"{{(fails ? "RETRY" : "SUCCESS")}}"}""";
            });
            return Task.FromResult((200, $$"""{"statuses":[{{string.Join(',', statuses)}}]}"""));
        };
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        var entries = string.Join(',', Enumerable.Range(0, 40).Select(i => $$"""{"entryId":"{{i}}","event":{{i}},"contentType":"application/json"}"""));
        using var answer = await run.PostAsync("a", "/v1.0/publish/bulk/bus/orders", $"[{entries}]");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        List<int> Numbers() => [.. app.All("/orders").SelectMany(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("event").GetProperty("data").GetInt32()))];
        var numbers = await Eventually.GetAsync(Numbers, n => n.Count == 41, "40 events and the failed one again");
        Assert.Equal(2, numbers.Count(n => n == 7));
        Assert.Equal(20, JsonDocument.Parse(app.All("/orders")[0].Body).RootElement.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task A_slow_app_gets_a_thousand_events_and_more_than_a_window_once_each()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Durable);
        app.Subscriptions = Orders;
        app.Answer = async _ =>
        {
            await Task.Delay(1);
            return (200, "");
        };
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        const int Count = 3_000;
        for (var from = 0; from < Count; from += 500)
        {
            var entries = string.Join(',', Enumerable.Range(from, 500).Select(i => $$"""{"entryId":"{{i}}","event":{{i}},"contentType":"application/json"}"""));
            (await run.PostAsync("a", "/v1.0/publish/bulk/bus/orders", $"[{entries}]")).Dispose();
        }
        await Eventually.HoldsAsync(() => app.All("/orders").Count >= Count, "all events", 30_000);
        Assert.Equal(Count, app.All("/orders").Select(r => r.Body).Distinct().Count());
        Assert.Equal(Count, app.All("/orders").Count);
    }

    [Fact]
    public async Task A_full_disk_refuses_the_publish_and_work_goes_on_when_there_is_room()
    {
        await using var run = new TestRun();
        var app = run.Add("a", TestRun.Durable);
        app.Subscriptions = Orders;
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        await run.PublishAsync("a", "orders", "1");
        await app.ExpectAsync("/orders", 1);
        await run.Runtime.Durable.WriteAsync(transaction => { transaction.Execute("PRAGMA max_page_count=1"); });
        var big = $"\"{new string('x', 500_000)}\"";
        using var refused = await run.PublishAsync("a", "orders", big);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.Contains("is full", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await run.Runtime.Durable.WriteAsync(transaction => { transaction.Execute("PRAGMA max_page_count=1073741823"); });
        using var taken = await run.PublishAsync("a", "orders", big);
        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        await app.ExpectAsync("/orders", 2);
        await Eventually.HoldsAsync(() => run.Runtime.Brokers.Inboxes.Single().Inbox.Pending == 0, "nothing is pending");
    }

    [Fact]
    public async Task A_consumer_that_joins_late_gets_what_the_log_still_holds()
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.Durable, withApp: false);
        var late = run.Add("b", TestRun.Durable);
        late.Subscriptions = Orders;
        await run.StartAsync();
        for (var i = 0; i < 10; i++) (await run.PublishAsync("a", "orders", $"{i}")).Dispose();
        await late.StartAsync();
        await late.ExpectAsync("/orders", 10);
    }
}
