using System.ComponentModel;
using StackExchange.Redis;
using Lepton.Sidecar.Hosting;

namespace Lepton.Benchmarks.Runtime;

/// <summary>The runtime beside Redis driven directly with the same durability: appendfsync always, XADD, XREADGROUP, XACK, equal batches and events in flight.</summary>
internal sealed class RedisBenchmark : Benchmark
{
    private const int InFlight = 64;
    private const int Publish = 50;
    private const int Deliver = 100;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    public override string Name => "redis";

    public override string What => "publish to delivery beside Redis with appendfsync always, driven by StackExchange.Redis (64 in flight, 500 bytes)";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("lepton-redis-");
        try
        {
            var port = FreePort.Take();
            using var server = new ChildProcess(["redis-server", "--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir", folder.FullName], folder.FullName);
            return await MeasureAsync(port, rounds, cancellation);
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException("the benchmark 'redis' needs redis-server: install it (apt-get install redis-server), or name the benchmarks to run");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Row>> MeasureAsync(int port, int rounds, CancellationToken cancellation)
    {
        await using var app = new Receiver(MessagingBenchmark.Subscriptions);
        await app.StartAsync();
        using var runtime = await RuntimeProcess.StartAsync(app.Port, MessagingBenchmark.Resources, cancellation);
        using var publisher = new Publisher();
        await using var single = await RedisStream.StartAsync(port, "single", 1, lanes: 32);
        await using var bulk = await RedisStream.StartAsync(port, "bulk", Deliver, lanes: 1);
        var url = $"http://127.0.0.1:{runtime.HttpPort}/v1.0";
        var entries = Enumerable.Range(0, Publish).Select(_ => Publisher.Event()).ToArray();
        (string Case, string Way, int PerCall, int Window, Func<long> Done, Func<Task> Call)[] ways =
        [
            ("one by one", "Redis, no Dapr API", 1, 512, () => single.Count, () => single.AddAsync([Publisher.Event()])),
            ("one by one", "Lepton over HTTP", 1, 512, () => app.Count, () => publisher.PostAsync($"{url}/publish/bus/one", Publisher.Event())),
            ("50 published, 100 delivered at once", "Redis, no Dapr API", Publish, 8000, () => bulk.Count, () => bulk.AddAsync(entries)),
            ("50 published, 100 delivered at once", "Lepton over HTTP", Publish, 8000, () => app.Count, () => publisher.PostAsync($"{url}-alpha1/publish/bulk/bus/bulk", Publisher.Events(Publish))),
        ];
        var rates = ways.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                var rate = await Lanes.RateAsync(InFlight, round < 0 ? WarmUp : Round, ways[i].PerCall, ways[i].Window, ways[i].Done, ways[i].Call, cancellation);
                if (round >= 0)
                {
                    rates[i].Add(rate);
                }
            }
        }

        return [.. ways.Select((way, i) => Row.Of(way.Case, way.Way, "1/s", rates[i]))];
    }
}

/// <summary>One stream with one consumer group; each event is acknowledged after it is read.</summary>
internal sealed class RedisStream : IAsyncDisposable
{
    private readonly ConnectionMultiplexer connection;
    private readonly IDatabase redis;
    private readonly string name;
    private readonly int batch;
    private readonly CancellationTokenSource stop = new();
    private Task[] reading = [];
    private long count;

    private RedisStream(ConnectionMultiplexer connection, string name, int batch) => (this.connection, redis, this.name, this.batch) = (connection, connection.GetDatabase(), name, batch);

    public long Count => Interlocked.Read(ref count);

    public static async Task<RedisStream> StartAsync(int port, string name, int batch, int lanes)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},connectRetry=20,connectTimeout=10000,abortConnect=true");
        var stream = new RedisStream(connection, name, batch);
        await stream.redis.StreamCreateConsumerGroupAsync(name, "group", "$");
        stream.reading = [.. Enumerable.Range(0, lanes).Select(_ => Task.Run(stream.ReadAsync))];
        return stream;
    }

    public Task AddAsync(byte[][] events) => Task.WhenAll(events.Select(one => redis.StreamAddAsync(name, "data", one)));

    private async Task ReadAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            // The library shares one connection and so cannot block on it; an empty answer waits a little.
            var entries = await redis.StreamReadGroupAsync(name, "group", "reader", ">", batch);
            if (entries.Length == 0)
            {
                await Task.Delay(1);
                continue;
            }

            await redis.StreamAcknowledgeAsync(name, "group", [.. entries.Select(entry => entry.Id)]);
            Interlocked.Add(ref count, entries.Length);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        await connection.DisposeAsync();
        stop.Dispose();
    }
}
