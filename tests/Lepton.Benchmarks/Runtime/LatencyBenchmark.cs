namespace Lepton.Benchmarks.Runtime;

/// <summary>How long one call takes below saturation, and what the sidecar adds to the bare call.</summary>
internal sealed class LatencyBenchmark : Benchmark
{
    private const int PerSecond = 1000;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(4);

    public override string Name => "latency";

    public override string What => "publish to delivery at 1,000 a second; state and invocation one at a time, beside the bare call";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation)
    {
        await using var app = new Receiver(MessagingBenchmark.Subscriptions);
        await app.StartAsync();
        using var runtime = await RuntimeProcess.StartAsync(app.Port, MessagingBenchmark.Resources, cancellation);
        using var publisher = new Publisher();
        var url = $"http://127.0.0.1:{runtime.HttpPort}/v1.0";
        List<double> middle = [], tail = [];
        for (var round = -1; round < rounds; round++)
        {
            app.Latencies = new Latencies();
            await Lanes.PacedAsync(PerSecond, Round, () => new(publisher.PostAsync($"{url}/publish/bus/one", Publisher.Event())), cancellation);
            if (round >= 0)
            {
                middle.Add(app.Latencies.At(0.5));
                tail.Add(app.Latencies.At(0.99));
            }
        }

        app.Latencies = null;
        var body = Publisher.Event();
        var state = System.Text.Encoding.UTF8.GetBytes($"[{{\"key\":\"k\",\"value\":{System.Text.Encoding.UTF8.GetString(body)}}}]");
        var calls = await new Race("one call at a time", rounds)
            .Add("bare POST to the app", Repeat(() => publisher.PostAsync($"http://127.0.0.1:{app.Port}/echo", body)))
            .Add("invocation through the sidecar", Repeat(() => publisher.PostAsync($"{url}/invoke/bench/method/echo", body)))
            .Add("state: set", Repeat(() => publisher.PostAsync($"{url}/state/store", state)))
            .Add("state: get", Repeat(() => publisher.GetAsync($"{url}/state/store/k")))
            .RunAsync(cancellation);
        return [Row.Of("publish to delivery at 1,000/s", "p50", "ms", middle, limit: 0.6), Row.Of("publish to delivery at 1,000/s", "p99", "ms", tail, limit: 3), .. calls];
    }

    private static Func<int, ValueTask> Repeat(Func<Task> call) => async times =>
    {
        for (var i = 0; i < times; i++)
        {
            await call();
        }
    };
}
