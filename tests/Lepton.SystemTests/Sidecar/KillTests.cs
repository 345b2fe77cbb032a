using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Sidecar;

/// <summary>Publishers, a subscriber and state writers work on; the runtime is killed with -9 under them and started again.</summary>
public sealed class KillTests
{
    private const int Rounds = 4;

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
        spec: { type: state.redis, version: v1, metadata: [ { name: redisHost, value: "localhost:6379" } ] }
        """;

    private readonly ConcurrentDictionary<int, bool> published = new();
    private readonly ConcurrentDictionary<int, int> stored = new();
    private readonly ConcurrentDictionary<int, ConcurrentQueue<(long Got, long Answered)>> deliveries = new();
    private readonly ConcurrentQueue<(long Begun, long Over)> kills = new();
    private readonly long start = Stopwatch.GetTimestamp();
    private int next;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_answered_comes_again()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var app = await StartAppAsync(stop);
        using var sidecar = new SidecarProcess(new Uri(app.Urls.First()).Port, Resources);
        await sidecar.StartAsync(stop);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var load = Enumerable.Range(0, 8).Select(lane => LoadAsync(http, sidecar.HttpPort, lane, ending.Token)).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var before = published.Count;
            await UntilAsync(() => published.Count > before + 200, "200 acknowledged publishes", stop);
            var begun = Stopwatch.GetTimestamp();
            sidecar.Kill();
            kills.Enqueue((begun, Stopwatch.GetTimestamp()));
            await sidecar.StartAsync(stop);
        }
        await ending.CancelAsync();
        await Task.WhenAll(load);

        await UntilAsync(() => published.Keys.All(deliveries.ContainsKey), "every acknowledged event was delivered", stop);
        foreach (var (lane, value) in stored)
        {
            var read = int.Parse(await http.GetStringAsync($"http://127.0.0.1:{sidecar.HttpPort}/v1.0/state/store/lane{lane}", stop));
            // The one write that was under way at a kill may have been stored without its answer getting through.
            Assert.True(read >= value, $"lane {lane}: {value} was acknowledged, {read} is stored");
        }
        foreach (var (number, calls) in deliveries) AssertNotAgain(number, [.. calls.OrderBy(c => c.Got)]);
        Assert.True(published.Count > Rounds * 200);
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
            }
            catch (HttpRequestException)
            {
                // The runtime is down: the publish was not acknowledged.
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private async Task<WebApplication> StartAppAsync(CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/dapr/config", (RequestDelegate)(context => context.Response.WriteAsync("{}")));
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
