using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Sidecar;

/// <summary>Publishers, a subscriber, state writers and actors with reminders work on; the runtime is killed with -9 under them at random moments and started again.</summary>
public sealed class KillTests
{
    private const int Seed = 20261124;

    /// <summary>An app's answer that left this long before the kill is on disk; what left later may come again.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private const string Resources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec: { type: state.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" }, { name: actorStateStore, value: "true" } ] }
        """;

    private readonly ConcurrentDictionary<int, bool> published = new();
    private readonly ConcurrentDictionary<int, int> stored = new();
    private readonly ConcurrentDictionary<string, bool> reminded = new();
    private readonly ConcurrentDictionary<string, bool> rung = new();
    private readonly ConcurrentDictionary<int, ConcurrentQueue<(long Got, long Answered)>> deliveries = new();
    private readonly ConcurrentQueue<(long Begun, long Over)> kills = new();
    private readonly long start = Stopwatch.GetTimestamp();
    private int next;

    [Fact]
    public Task Nothing_acknowledged_is_lost_and_nothing_answered_comes_again() => KillAsync(rounds: 10);

    [Fact]
    [Trait("Category", "Long")]
    public Task Two_hundred_kills_lose_nothing() => KillAsync(rounds: 200);

    private async Task KillAsync(int rounds)
    {
        var random = new Random(Seed);
        var stop = TestContext.Current.CancellationToken;
        await using var app = await StartAppAsync(stop);
        using var sidecar = new SidecarProcess(new Uri(app.Urls.First()).Port, Resources);
        await sidecar.StartAsync(stop);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var load = Enumerable.Range(0, 8).Select(lane => LoadAsync(http, sidecar.HttpPort, lane, ending.Token)).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var before = published.Count;
            await UntilAsync(() => published.Count > before + 50, "50 acknowledged publishes", stop);
            await Task.Delay(random.Next(300), stop);
            var begun = Stopwatch.GetTimestamp();
            sidecar.Kill();
            kills.Enqueue((begun, Stopwatch.GetTimestamp()));
            await sidecar.StartAsync(stop);
        }
        await ending.CancelAsync();
        await Task.WhenAll(load);

        await UntilAsync(() => published.Keys.All(deliveries.ContainsKey), "every acknowledged event was delivered", stop);
        await UntilAsync(() => reminded.Keys.All(rung.ContainsKey), "every acknowledged reminder rang", stop);
        foreach (var (lane, value) in stored)
        {
            var read = int.Parse(await http.GetStringAsync($"http://127.0.0.1:{sidecar.HttpPort}/v1.0/state/store/lane{lane}", stop));
            // The one write that was under way at a kill may have been stored without its answer getting through.
            Assert.True(read >= value, $"lane {lane}: {value} was acknowledged, {read} is stored");
            var halves = await Task.WhenAll(Enumerable.Range(0, 2).Select(half => http.GetStringAsync($"http://127.0.0.1:{sidecar.HttpPort}/v1.0/state/store/half{half}-{lane}", stop)));
            Assert.True(halves[0] == halves[1] && int.Parse(halves[0]) >= value - 1, $"lane {lane}: the halves of its transactions are {halves[0]} and {halves[1]}");
        }
        foreach (var (number, calls) in deliveries) AssertNotAgain(number, [.. calls.OrderBy(c => c.Got)]);
        Assert.True(published.Count > rounds * 50 && !reminded.IsEmpty);
    }

    private void AssertNotAgain(int number, (long Got, long Answered)[] calls)
    {
        for (var i = 1; i < calls.Length; i++)
        {
            var before = calls[i - 1];
            var explained = kills.Any(kill => before.Got < kill.Over && kill.Begun < calls[i].Got && (before.Answered == 0 || Stopwatch.GetElapsedTime(before.Answered, kill.Begun) < Settled));
            Assert.True(explained, $"event {number} was answered and came again without a kill in between: got {Ms(before.Got)}, answered {Ms(before.Answered)}, again {Ms(calls[i].Got)}, kills {string.Join("; ", kills.Select(k => $"{Ms(k.Begun)}-{Ms(k.Over)}"))}");
        }
    }

    private string Ms(long timestamp) => $"{Stopwatch.GetElapsedTime(start, timestamp).TotalMilliseconds:f0} ms";

    private async Task LoadAsync(HttpClient http, int port, int lane, CancellationToken stop)
    {
        var value = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var number = Interlocked.Increment(ref next);
                using (var answer = await http.PostAsync($"http://127.0.0.1:{port}/v1.0/publish/bus/orders", new StringContent($"{number}", null, "application/json"), CancellationToken.None))
                    if (answer.StatusCode == HttpStatusCode.NoContent) published[number] = true;
                value++;
                using var saved = await http.PostAsync($"http://127.0.0.1:{port}/v1.0/state/store", new StringContent($$"""[{"key":"lane{{lane}}","value":{{value}}}]""", null, "application/json"), CancellationToken.None);
                if (saved.StatusCode == HttpStatusCode.NoContent) stored[lane] = value;
                var halves = $$"""{"operations": [{{Half(0, lane, value)}}, {{Half(1, lane, value)}}] }""";
                using var both = await http.PostAsync($"http://127.0.0.1:{port}/v1.0/state/store/transaction", new StringContent(halves, null, "application/json"), CancellationToken.None);
                if (value % 10 != 0) continue;
                var bell = $"{lane}/reminders/r{value}";
                using var told = await http.PutAsync($"http://127.0.0.1:{port}/v1.0/actors/Bell/{bell}", new StringContent("""{"dueTime":"150ms"}""", null, "application/json"), CancellationToken.None);
                if (told.StatusCode == HttpStatusCode.NoContent) reminded[bell] = true;
            }
            catch (HttpRequestException)
            {
                // The runtime is down: the publish was not acknowledged.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private static string Half(int half, int lane, int value) => $$"""{"operation": "upsert", "request": {"key": "half{{half}}-{{lane}}", "value": {{value}} } }""";

    private async Task<WebApplication> StartAppAsync(CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/dapr/config", (RequestDelegate)(context => context.Response.WriteAsync("""{"entities":["Bell"]}""")));
        app.MapPut("/actors/Bell/{id}/method/remind/{name}", (string id, string name) => { rung[$"{id}/reminders/{name}"] = true; });
        app.MapGet("/dapr/subscribe", (RequestDelegate)(context => context.Response.WriteAsync("""[{"pubsubname":"bus","topic":"orders","route":"orders"}]""")));
        app.MapPost("/orders", (RequestDelegate)(async context =>
        {
            var got = Stopwatch.GetTimestamp();
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            var number = body.RootElement.GetProperty("data").GetInt32();
            var calls = deliveries.GetOrAdd(number, _ => new());
            context.Response.OnCompleted(() =>
            {
                calls.Enqueue((got, context.RequestAborted.IsCancellationRequested ? 0 : Stopwatch.GetTimestamp()));
                return Task.CompletedTask;
            });
        }));
        await app.StartAsync(stop);
        return app;
    }

    private static async Task UntilAsync(Func<bool> condition, string what, CancellationToken stop)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromSeconds(40)) Assert.Fail($"not within 40 s: {what}");
            await Task.Delay(20, stop);
        }
    }
}
