using System.Diagnostics;
using Lepton.Sidecar.Storage;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Much in store: how long a start takes, what a waiting workflow costs, how late timers are.</summary>
internal sealed class ScaleBenchmark : Benchmark
{
    private const int Waiting = 100_000;
    private const int Timers = 10_000;
    private const int Wide = 5_000;
    private const int Stored = 1_000_000;

    public override string Name => "scale";

    public override string What => "a million messages and keys, 100,000 waiting workflows, 10,000 timers, a history of 10,000 events (once, whatever --rounds says)";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation) => [.. await MillionAsync(cancellation), .. await BusyAsync(cancellation), .. await WaitingAsync(cancellation)];

    private static async Task<IReadOnlyList<Row>> MillionAsync(CancellationToken cancellation)
    {
        using var runtime = await RuntimeProcess.StartAsync(0, MessagingBenchmark.Resources, cancellation);
        using var publisher = new Publisher();
        var root = $"http://127.0.0.1:{runtime.HttpPort}";
        await publisher.PostAsync($"{root}/v1.0/publish/bus/big", Publisher.Event());
        await publisher.PostAsync($"{root}/v1.0/state/store", """[{"key":"first","value":1}]"""u8.ToArray());
        var empty = await runtime.RestartAsync(cancellation);
        runtime.WhileDown(Fill);
        var full = await runtime.RestartAsync(cancellation);
        await publisher.PostAsync($"{root}/v1.0/publish/bus/big", Publisher.Event());
        return
        [
            Row.Of("start to first answer", "nothing in store", "ms", [empty]),
            Row.Of("start to first answer", "1,000,000 messages and keys", "ms", [full], limit: 2000),
        ];
    }

    private static void Fill(string state)
    {
        using var database = Database.Open(state);
        var data = Publisher.Event();
        database.WriteAsync(write =>
        {
            // A consumer that was away holds them all.
            write.Execute("INSERT INTO consumer(topic, name, cursor, done, dead, seen) SELECT id, 'late', 0, '', 0, unixepoch() FROM topic WHERE name='big'");
            write.Execute("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM n WHERE i<?1) INSERT INTO message(id, payload, metadata) SELECT (t.id << 40) + n.i, ?2, NULL FROM n, topic t WHERE t.name='big'", Stored, data);
            write.Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<?1) INSERT OR IGNORE INTO state(world, key, value, etag, expires) SELECT s.world, 'key'||n.i, s.value, s.etag, s.expires FROM n, (SELECT * FROM state LIMIT 1) s", Stored);
        }).GetAwaiter().GetResult();
    }

    private static async Task<IReadOnlyList<Row>> BusyAsync(CancellationToken cancellation)
    {
        using var runtime = await RuntimeProcess.StartAsync(0, MessagingBenchmark.Resources, cancellation);
        await using var raw = await RawWorkflows.StartAsync(runtime.GrpcPort);
        raw.TimersAt = DateTime.UtcNow.AddSeconds(20);
        var ids = await ManyAsync(Timers, () => raw.BeginAsync("timer", 1));
        await EachAsync(Timers, i => raw.EndAsync(ids[i], 1));
        var late = (DateTime.UtcNow - raw.TimersAt).TotalMilliseconds;
        var start = Stopwatch.GetTimestamp();
        await raw.EndAsync(await raw.BeginAsync("fan", Wide), Wide);
        return
        [
            Row.Of("10,000 timers due at once", "the last one, late by", "ms", [late]),
            Row.Of("a history of 10,000 events", "5,000 activities side by side", "ms", [Stopwatch.GetElapsedTime(start).TotalMilliseconds]),
        ];
    }

    /// <summary>In a runtime of its own: a heap that other work has widened would hide what waiting takes.</summary>
    private static async Task<IReadOnlyList<Row>> WaitingAsync(CancellationToken cancellation)
    {
        using var runtime = await RuntimeProcess.StartAsync(0, MessagingBenchmark.Resources, cancellation);
        var before = runtime.ResidentBytes;
        string one;
        await using (var raw = await RawWorkflows.StartAsync(runtime.GrpcPort))
        {
            one = (await ManyAsync(Waiting, () => raw.BeginAsync("wait", 1)))[^1];
            await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
        }

        var each = (double)(runtime.ResidentBytes - before) / Waiting;
        var ready = await runtime.RestartAsync(cancellation);
        await using (var raw = await RawWorkflows.StartAsync(runtime.GrpcPort))
        {
            await raw.RaiseAsync(one);
            await raw.EndAsync(one, 1);
        }

        return
        [
            Row.Of("100,000 instances wait: memory", "of each, the heap it took to start them included", "bytes", [each], limit: 2000),
            Row.Of("100,000 instances wait: restart", "start to first answer", "ms", [ready], limit: 5000),
        ];
    }

    private static async Task<string[]> ManyAsync(int count, Func<Task<string>> begin)
    {
        var ids = new string[count];
        await EachAsync(count, async i => ids[i] = await begin());
        return ids;
    }

    private static Task EachAsync(int count, Func<int, Task> act)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, 128).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                await act(i);
            }
        }));
    }
}
