using Dapr.Actors;
using Dapr.Actors.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Lepton.Tests.Sidecar.Actors;

public sealed class ActorsApp : IAsyncLifetime
{
    private RunningApp? app;

    internal Uri Http => app!.Http;

    internal Uri Another => app!.Another;

    internal Heard Heard => app!.Get<Heard>();

    internal ICounter Counter(string id) => app!.Get<IActorProxyFactory>().CreateActorProxy<ICounter>(new ActorId(id), nameof(Counter));

    internal ActorProxy Weak(string id) => app!.Get<IActorProxyFactory>().Create(new ActorId(id), nameof(Counter));

    public async ValueTask InitializeAsync() => app = await RunningApp.StartAsync(
        services =>
        {
            services.AddSingleton<Heard>();
            services.AddActors(options =>
            {
                options.Actors.RegisterActor<Counter>();
                options.ActorIdleTimeout = TimeSpan.FromSeconds(1);
                options.ReentrancyConfig = new() { Enabled = true };
            });
        },
        app => app.MapActorsHandlers());

    public async ValueTask DisposeAsync() => await app!.DisposeAsync();
}

/// <summary>The official actors, unchanged, against the sidecar.</summary>
public sealed class OfficialActorsTests(ActorsApp app) : IClassFixture<ActorsApp>
{
    private readonly CancellationToken limit = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Typed_and_weak_proxies_reach_the_same_actor()
    {
        Assert.Equal(2, await app.Counter("both").Add(2));
        Assert.Equal(5, await app.Weak("both").InvokeMethodAsync<int, int>("Add", 3, limit));
    }

    [Fact]
    public async Task Every_app_of_the_run_reaches_the_actor()
    {
        using var http = new HttpClient { BaseAddress = app.Another };
        using var answer = await http.PutAsync("/v1.0/actors/Counter/shared/method/Add", new StringContent("6"), limit);
        Assert.Equal("6", await answer.Content.ReadAsStringAsync(limit));
        Assert.Equal(7, await app.Counter("shared").Add(1));
    }

    [Fact]
    public async Task Calls_to_one_actor_take_turns()
    {
        var sums = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Counter("turns").AddSlowly(1)));
        Assert.Equal(Enumerable.Range(1, 10), sums.Order());
        Assert.Equal(1, app.Heard.MostInside);
    }

    [Fact]
    public async Task An_exception_of_the_actor_reaches_its_caller()
    {
        var fault = await Assert.ThrowsAsync<ActorMethodInvocationException>(() => app.Counter("fails").Fail("no luck"));
        Assert.Contains("no luck", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_outlives_the_deactivation_of_an_idle_actor()
    {
        await app.Counter("idle").Add(4);
        await app.Heard.Until(words => words.Contains("idle deactivated"), "the actor to be deactivated");
        Assert.Equal(5, await app.Counter("idle").Add(1));
    }

    [Fact]
    public async Task A_chain_of_calls_may_come_back() => Assert.Equal(3, await app.Counter("first").AddThroughAnother("second", 3));

    [Fact]
    public async Task Reminders_repeat_until_they_are_unregistered_and_may_write_state()
    {
        await app.Counter("reminded").RemindMe("twice", TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
        await app.Heard.Until(words => words.Count(word => word == "reminded twice 2") == 2, "two firings");
        Assert.Equal(2, await app.Counter("reminded").Add(0));
    }

    [Fact]
    public async Task A_timer_carries_its_data()
    {
        await app.Counter("timed").StartTimer(TimeSpan.FromMilliseconds(30));
        await app.Heard.Until(words => words.Contains("timed tick 7"), "the timer");
    }

    [Fact]
    public async Task State_with_a_time_to_live_expires()
    {
        await app.Counter("ttl").Forget(TimeSpan.FromSeconds(1));
        using var http = new HttpClient { BaseAddress = app.Http };
        using var before = await http.GetAsync("/v1.0/actors/Counter/ttl/state/count", limit);
        Assert.Equal("100", await before.Content.ReadAsStringAsync(limit));
        Assert.True(before.Headers.Contains("metadata.ttlExpireTime"));
        for (var end = DateTime.UtcNow.AddSeconds(10); ; await Task.Delay(50, limit))
        {
            using var after = await http.GetAsync("/v1.0/actors/Counter/ttl/state/count", limit);
            if ((int)after.StatusCode == 204) return;
            Assert.True(DateTime.UtcNow < end, "the key was still there after 10 s");
        }
    }
}
