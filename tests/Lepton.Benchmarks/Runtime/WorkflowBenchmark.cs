using System.Diagnostics;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Durable workflows of five activities, by the raw protocol and by the official SDK.</summary>
internal sealed class WorkflowBenchmark : Benchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public override string Name => "workflow";

    public override string What => "five activities in a chain or side by side, every step committed before the next; runs a second and milliseconds a run";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation) =>
    [
        .. await RawAsync(rounds, cancellation),
        .. await OfficialAsync(rounds, cancellation),
    ];

    private static async Task<IReadOnlyList<Row>> RawAsync(int rounds, CancellationToken cancellation)
    {
        using var runtime = await RuntimeProcess.StartAsync(0, MessagingBenchmark.Resources, cancellation);
        await using var raw = await RawWorkflows.StartAsync(runtime.GrpcPort);
        return await MeasureAsync(runtime, "raw protocol", raw.RunAsync, "chain", "fan", 2500, null, rounds, cancellation);
    }

    private static async Task<IReadOnlyList<Row>> OfficialAsync(int rounds, CancellationToken cancellation)
    {
        using var runtime = await RuntimeProcess.StartAsync(0, MessagingBenchmark.Resources, cancellation);
        await using var official = await OfficialWorkflows.StartAsync(runtime.HttpPort, runtime.GrpcPort);
        return await MeasureAsync(runtime, "official SDK", official.RunAsync, "Chain", "Fan", 1200, 1800, rounds, cancellation);
    }

    private static async Task<IReadOnlyList<Row>> MeasureAsync(
        RuntimeProcess runtime, string way, Func<string, Task> run, string chain, string fan, double chains, double? fans, int rounds, CancellationToken cancellation)
    {
        long done = 0;
        async Task OneAsync(string name)
        {
            await run(name);
            Interlocked.Increment(ref done);
        }

        Task<double> RateAsync(string name, int lanes, TimeSpan length) => Lanes.RateAsync(lanes, length, 1, int.MaxValue, () => Interlocked.Read(ref done), () => OneAsync(name), cancellation);
        await RateAsync(chain, 350, WarmUp);
        await RateAsync(fan, 110, WarmUp / 2);
        List<double> chainRates = [], fanRates = [], costs = [], middle = [], tail = [];
        for (var round = 0; round < rounds; round++)
        {
            var (before, processor) = (done, runtime.Processor);
            chainRates.Add(await RateAsync(chain, 350, Round));
            costs.Add((runtime.Processor - processor).TotalMicroseconds / (done - before));
            fanRates.Add(await RateAsync(fan, 110, Round));
            var latencies = new Latencies();
            for (var i = 0; i < 200; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await run(chain);
                latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            middle.Add(latencies.At(0.5));
            tail.Add(latencies.At(0.99));
        }

        return
        [
            Row.Of($"{way}: chain, 350 in flight", "runs", "1/s", chainRates, limit: chains),
            Row.Of($"{way}: fan, 110 in flight", "runs", "1/s", fanRates, limit: fans),
            Row.Of($"{way}: chain, 1 in flight", "p50", "ms", middle, limit: 5),
            Row.Of($"{way}: chain, 1 in flight", "p99", "ms", tail),
            Row.Of($"{way}: processor, chain", "the runtime's", "us", costs),
            Row.Of($"{way}: resident memory", "the runtime's", "MB", [runtime.ResidentBytes / 1e6]),
        ];
    }
}
