using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace Lepton.Tests.Sidecar.Actors;

/// <summary>What stands around the calls to an app's actors: resiliency policies, drain, and reminders that were missed.</summary>
public sealed class ActorPolicyTests
{
    private const string Store = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" }, { name: actorStateStore, value: "true" } ] }
        """;

    private const string Policies = Store + """

        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: policies }
        spec:
          policies:
            timeouts: { short: 300ms }
            retries: { twice: { policy: constant, duration: 10ms, maxRetries: 2 } }
            circuitBreakers: { quick: { maxRequests: 1, timeout: 60s, trip: consecutiveFailures > 1 } }
          targets:
            actors:
              Retried: { retry: twice }
              Timed: { timeout: short }
              Broken: { circuitBreaker: quick, circuitBreakerScope: id }
        """;

    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private static async Task<ProbeApp> StartAsync(TestRun run, string resources, string config)
    {
        var app = run.Add("a", resources);
        app.Config = config;
        await app.StartAsync();
        await run.StartAsync();
        await run.ReadyAsync("a");
        return app;
    }

    private async Task<(int Status, string Body)> CallAsync(TestRun run, string path)
    {
        using var answer = await run.PostAsync("a", $"/v1.0/actors/{path}", "1");
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(limit));
    }

    [Fact]
    public async Task A_policy_repeats_limits_or_stops_calls()
    {
        await using var run = new TestRun();
        var app = await StartAsync(run, Policies, """{"entities":["Retried","Timed","Broken","Plain"]}""");
        app.Answer = async request =>
        {
            if (request.Path.Contains("/Timed/", StringComparison.Ordinal)) await Task.Delay(1500, limit);
            return request.Path.Contains("/Retried/", StringComparison.Ordinal) && app.All(request.Path).Count > 2 ? (200, "there") : (500, "not yet");
        };
        Assert.Equal((200, "there"), await CallAsync(run, "Retried/1/method/m"));
        Assert.Equal(3, app.All("/actors/Retried/1/method/m").Count);

        var begun = Stopwatch.GetTimestamp();
        var (status, body) = await CallAsync(run, "Timed/1/method/m");
        Assert.Equal(500, status);
        Assert.Contains("context deadline exceeded", body, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMilliseconds(1400), "the call was cut");

        for (var i = 0; i < 2; i++) Assert.Contains("not yet", (await CallAsync(run, "Broken/1/method/m")).Body, StringComparison.Ordinal);
        Assert.Contains("circuit breaker is open", (await CallAsync(run, "Broken/1/method/m")).Body, StringComparison.Ordinal);
        Assert.Equal(2, app.All("/actors/Broken/1/method/m").Count);
        // Each id has a breaker of its own, and a type without policy is called once.
        Assert.Contains("not yet", (await CallAsync(run, "Broken/2/method/m")).Body, StringComparison.Ordinal);
        await CallAsync(run, "Plain/1/method/m");
        Assert.Single(app.All("/actors/Plain/1/method/m"));
    }

    [Fact]
    public async Task A_drain_lets_calls_end_cancels_those_that_do_not_and_deactivates_every_actor()
    {
        await using var run = new TestRun();
        var app = await StartAsync(run, Store, """{"entities":["T"],"drainOngoingCallTimeout":"700ms","drainRebalancedActors":true}""");
        app.Answer = async request =>
        {
            if (request.Path.EndsWith("/short", StringComparison.Ordinal)) await Task.Delay(200, limit);
            if (request.Path.EndsWith("/endless", StringComparison.Ordinal)) await Task.Delay(20_000, limit);
            return (200, "done");
        };
        await CallAsync(run, "T/idle/method/m");
        var quick = CallAsync(run, "T/quick/method/short");
        var endless = CallAsync(run, "T/slow/method/endless");
        await app.ExpectAsync("/actors/T/quick/method/short", 1);
        await app.ExpectAsync("/actors/T/slow/method/endless", 1);
        await run.Runtime.Sidecars["a"].AppUnhealthyAsync();
        Assert.Equal((200, "done"), await quick);
        Assert.Contains("context canceled", (await endless).Body, StringComparison.Ordinal);
        foreach (var id in (string[])["idle", "quick", "slow"]) Assert.Equal("DELETE", Assert.Single(app.All($"/actors/T/{id}")).Method);
    }

    [Fact]
    public async Task A_reminder_missed_while_the_runtime_was_off_fires_once()
    {
        await using var run = new TestRun { Time = new FakeTimeProvider(DateTimeOffset.UtcNow) };
        var app = await StartAsync(run, Store, """{"entities":["T"]}""");
        using (var set = await run.PostAsync("a", "/v1.0/actors/T/1/reminders/wake", """{"dueTime":"1h","period":"1m"}""")) Assert.Equal(204, (int)set.StatusCode);
        await run.Runtime.DisposeAsync();
        var later = new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(24));
        run.Time = later;
        await run.StartAsync();
        await run.ReadyAsync("a");
        later.Advance(TimeSpan.FromMilliseconds(10));
        await app.ExpectAsync("/actors/T/1/method/remind/wake", 1);
        // The next one is due a minute later, not at once for each of the 23 hours that were missed.
        await Eventually.HoldsAsync(() =>
        {
            later.Advance(TimeSpan.FromSeconds(10));
            return app.All("/actors/T/1/method/remind/wake").Count > 1;
        }, "the next firing");
        Assert.Equal(2, app.All("/actors/T/1/method/remind/wake").Count);
    }

    [Fact]
    public async Task A_reminder_that_fails_is_tried_three_times_more_whatever_the_status()
    {
        await using var run = new TestRun();
        var app = await StartAsync(run, Store, """{"entities":["T"]}""");
        app.Answer = request => Task.FromResult((request.Path.Contains("/gone/", StringComparison.Ordinal) ? 404 : 500, ""));
        foreach (var id in (string[])["gone", "bad"])
            using (var set = await run.PostAsync("a", $"/v1.0/actors/T/{id}/reminders/wake", """{"dueTime":"0s"}""")) Assert.Equal(204, (int)set.StatusCode);
        foreach (var id in (string[])["gone", "bad"]) await app.ExpectAsync($"/actors/T/{id}/method/remind/wake", 4);
        await Eventually.HoldsAsync(() => run.Runtime.Reminders.List("T", null).Length == 0, "both to be given up");
        foreach (var id in (string[])["gone", "bad"]) Assert.Equal(4, app.All($"/actors/T/{id}/method/remind/wake").Count);
    }
}
