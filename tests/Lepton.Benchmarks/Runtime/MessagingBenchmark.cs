using Lepton.Sidecar.Hosting;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Events from publish to delivery through the durable runtime, as many a second as go, beside a bare Kestrel POST.</summary>
internal sealed class MessagingBenchmark : Benchmark
{
    private const int InFlight = 64;
    private const int BulkEvents = 50;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    internal const string Resources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: bus}
        spec: {type: pubsub.redis, version: v1, metadata: [{name: redisHost, value: "localhost:6379"}]}
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: store}
        spec: {type: state.redis, version: v1, metadata: [{name: redisHost, value: "localhost:6379"}, {name: actorStateStore, value: "true"}]}
        """;

    internal const string Subscriptions = """
        [{"pubsubname":"bus","topic":"one","route":"/one"},
         {"pubsubname":"bus","topic":"bulk","route":"/bulk","bulkSubscribe":{"enabled":true,"maxMessagesCount":100,"maxAwaitDurationMs":1}}]
        """;

    public override string Name => "messaging";

    public override string What => "publish to delivery, committed before acknowledged, beside a bare Kestrel POST (64 in flight, 500 bytes, three processes)";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation)
    {
        await using var app = new Receiver(Subscriptions);
        await app.StartAsync();
        var barePort = FreePort.Take();
        using var bare = new ChildProcess(["dotnet", Path.Combine(AppContext.BaseDirectory, "Lepton.Benchmarks.dll"), BareServer.Argument, $"{barePort}"], Path.GetTempPath());
        using var runtime = await RuntimeProcess.StartAsync(app.Port, Resources, cancellation);
        await using var stream = await StreamReceiver.StartAsync(runtime.GrpcPort, cancellation);
        using var publisher = new Publisher();
        var url = $"http://127.0.0.1:{runtime.HttpPort}/v1.0/publish/bus/";
        var bulk = $"http://127.0.0.1:{runtime.HttpPort}/v1.0-alpha1/publish/bulk/bus/bulk";
        long posted = 0;
        (string Way, double Claim, int PerCall, int Window, Func<long> Done, Func<Task> Call)[] ways =
        [
            ("bare Kestrel POST", 0, 1, int.MaxValue, () => Interlocked.Read(ref posted), async () =>
            {
                await publisher.PostAsync($"http://127.0.0.1:{barePort}/echo", Publisher.Event());
                Interlocked.Increment(ref posted);
            }),
            ("one by one over HTTP", 0.11, 1, 512, () => app.Count, () => publisher.PostAsync(url + "one", Publisher.Event())),
            ("streaming subscription", 0.15, 1, 512, () => stream.Count, () => publisher.PostAsync(url + "stream", Publisher.Event())),
            ("bulk delivery", 0.22, 1, 1024, () => app.Count, () => publisher.PostAsync(url + "bulk", Publisher.Event())),
            ("bulk publish, bulk delivery", 0.55, BulkEvents, 8000, () => app.Count, () => publisher.PostAsync(bulk, Publisher.Events(BulkEvents))),
        ];
        await BareServer.WaitAsync(publisher, barePort, cancellation);
        foreach (var way in ways)
        {
            await Lanes.RateAsync(InFlight, WarmUp, way.PerCall, way.Window, way.Done, way.Call, cancellation);
        }

        var rates = ways.Select(_ => new List<double>()).ToArray();
        var costs = ways.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                var (before, processor) = (ways[i].Done(), runtime.Processor);
                rates[i].Add(await Lanes.RateAsync(InFlight, Round, ways[i].PerCall, ways[i].Window, ways[i].Done, ways[i].Call, cancellation));
                costs[i].Add((runtime.Processor - processor).TotalMicroseconds / (ways[i].Done() - before));
            }
        }

        var floor = Row.Of(Name, ways[0].Way, "1/s", rates[0]).Median;
        return
        [
            .. ways.Select((way, i) => Row.Of("publish to delivery", way.Way, "1/s", rates[i], limit: way.Claim > 0 ? way.Claim * floor : null)),
            .. ways.Skip(1).Select((way, i) => Row.Of("the runtime's processor time", way.Way, "us", costs[i + 1])),
        ];
    }
}
