using System.Diagnostics;
using Lepton.Sidecar.Hosting;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Calls of actors and reminders through the durable runtime, beside the same calls made directly and timers that nobody keeps.</summary>
internal sealed class ActorBenchmark : Benchmark
{
    private const int InFlight = 64;
    private const int Actors = 1000;
    private const int Reminders = 5000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    /// <summary>Long enough to register them all before the first is due.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(8);

    public override string Name => "actors";

    public override string What => "actor calls and reminders, beside a bare Kestrel POST and bare timers (64 in flight, 500 bytes, three processes)";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation)
    {
        await using var app = new Receiver("[]");
        await app.StartAsync();
        var barePort = FreePort.Take();
        using var bare = new ChildProcess(["dotnet", Path.Combine(AppContext.BaseDirectory, "Lepton.Benchmarks.dll"), BareServer.Argument, $"{barePort}"], Path.GetTempPath());
        using var runtime = await RuntimeProcess.StartAsync(app.Port, MessagingBenchmark.Resources, cancellation);
        using var publisher = new Publisher();
        var actors = $"http://127.0.0.1:{runtime.HttpPort}/v1.0/actors/{Receiver.ActorType}";
        int next = 0;
        Task PostAsync() => publisher.PostAsync($"http://127.0.0.1:{barePort}/echo", Publisher.Event());
        Task CallAsync() => publisher.PostAsync($"{actors}/{Interlocked.Increment(ref next) % Actors}/method/add", Publisher.Event());
        await BareServer.WaitAsync(publisher, barePort, cancellation);
        await RateAsync(WarmUp, PostAsync, cancellation);
        await RateAsync(WarmUp, CallAsync, cancellation);

        List<double> posts = [], calls = [], registered = [], fired = [], timers = [];
        for (var round = 0; round < rounds; round++)
        {
            posts.Add(await RateAsync(Round, PostAsync, cancellation));
            calls.Add(await RateAsync(Round, CallAsync, cancellation));
            timers.Add(await TimersAsync(PostAsync, cancellation));
            var before = app.Count;
            var due = DateTime.UtcNow + Ahead;
            registered.Add(await RegisterAsync(publisher, actors, due, cancellation));
            while (app.Count - before < Reminders) await Task.Delay(1, cancellation);
            fired.Add(Reminders / (DateTime.UtcNow - due).TotalSeconds);
        }

        var single = await new Race("one call at a time", rounds)
            .Add("bare Kestrel POST", Repeat(PostAsync)).Add("actor method", Repeat(CallAsync)).RunAsync(cancellation);
        return
        [
            Row.Of("calls, 64 in flight", "bare Kestrel POST", "1/s", posts), Row.Of("calls, 64 in flight", "actor method", "1/s", calls),
            Row.Of("calls, 64 in flight", "reminder registered", "1/s", registered), .. single,
            Row.Of("5,000 due at once", "bare timers, a POST each", "1/s", timers), Row.Of("5,000 due at once", "reminders", "1/s", fired),
        ];
    }

    private static async Task<double> RateAsync(TimeSpan length, Func<Task> call, CancellationToken cancellation)
    {
        long done = 0;
        return await Lanes.RateAsync(InFlight, length, 1, int.MaxValue, () => Interlocked.Read(ref done), async () =>
        {
            await call();
            Interlocked.Increment(ref done);
        }, cancellation);
    }

    private static async Task<double> RegisterAsync(Publisher publisher, string actors, DateTime due, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var body = System.Text.Encoding.UTF8.GetBytes($$"""{"dueTime":"{{due:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","data":"x"}""");
        await Parallel.ForAsync(0, Reminders, new ParallelOptions { MaxDegreeOfParallelism = InFlight, CancellationToken = cancellation },
            async (i, _) => await publisher.PostAsync($"{actors}/{i % Actors}/reminders/r{i}", body));
        var took = Stopwatch.GetElapsedTime(start);
        if (DateTime.UtcNow > due) throw new InvalidOperationException($"{Reminders} reminders took {took.TotalSeconds:F1} s to register: the first were due before the last was there");
        return Reminders / took.TotalSeconds;
    }

    /// <summary>What a program would do that may forget its timers.</summary>
    private static async Task<double> TimersAsync(Func<Task> call, CancellationToken cancellation)
    {
        using var slots = new SemaphoreSlim(InFlight);
        var due = DateTime.UtcNow + TimeSpan.FromSeconds(1);
        await Task.WhenAll(Enumerable.Range(0, Reminders).Select(async _ =>
        {
            await Task.Delay(due - DateTime.UtcNow, cancellation);
            await slots.WaitAsync(cancellation);
            try { await call(); }
            finally { slots.Release(); }
        }));
        return Reminders / (DateTime.UtcNow - due).TotalSeconds;
    }

    private static Func<int, ValueTask> Repeat(Func<Task> call) => async times =>
    {
        for (var i = 0; i < times; i++) await call();
    };
}
