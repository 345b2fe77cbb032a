using System.Diagnostics;

namespace Lepton.Benchmarks;

/// <summary>
/// Measures several ways of doing the same, in turns: whatever else the machine does meets them all alike. Each way gets the number of operations to do and is
/// first warmed up until a round of it takes long enough to be timed.
/// </summary>
internal sealed class Race(string name, int rounds)
{
    private const double LeastSeconds = 0.05;
    private const double WarmUpSeconds = 0.5;
    private const int MostTimes = 1 << 26;
    private readonly List<Entrant> entrants = [];

    public Race Add(string way, Action<int> run, double? limit = null, double? mostBytes = null)
    {
        entrants.Add(new(way, times =>
        {
            run(times);
            return ValueTask.CompletedTask;
        }, limit, mostBytes));
        return this;
    }

    public Race Add(string way, Func<int, ValueTask> run, double? limit = null, double? mostBytes = null)
    {
        entrants.Add(new(way, run, limit, mostBytes));
        return this;
    }

    /// <summary>One row per way, in nanoseconds per operation.</summary>
    public async Task<IReadOnlyList<Row>> RunAsync(CancellationToken cancellation)
    {
        foreach (var entrant in entrants)
        {
            await entrant.WarmUpAsync(cancellation);
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var entrant in entrants)
            {
                cancellation.ThrowIfCancellationRequested();
                await entrant.RoundAsync();
            }
        }

        return [.. entrants.Select(entrant => entrant.Row(name))];
    }

    private sealed class Entrant(string way, Func<int, ValueTask> run, double? limit, double? mostBytes)
    {
        private readonly List<double> nanoseconds = [];
        private readonly List<double> bytes = [];
        private int times = 1;

        public async Task WarmUpAsync(CancellationToken cancellation)
        {
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds)
            {
                cancellation.ThrowIfCancellationRequested();
                var round = Stopwatch.GetTimestamp();
                await run(times);
                if (Stopwatch.GetElapsedTime(round).TotalSeconds < LeastSeconds && times < MostTimes)
                {
                    times *= 2;
                }
            }
        }

        public async Task RoundAsync()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long here = GC.GetAllocatedBytesForCurrentThread(), anywhere = GC.GetTotalAllocatedBytes(true);
            var start = Stopwatch.GetTimestamp();
            var running = run(times);
            if (running.IsCompletedSuccessfully)
            {
                // All of it ran on this thread, and only this thread's allocations are its own.
                var elapsed = Stopwatch.GetElapsedTime(start);
                Keep(elapsed, GC.GetAllocatedBytesForCurrentThread() - here);
            }
            else
            {
                await running;
                var elapsed = Stopwatch.GetElapsedTime(start);
                Keep(elapsed, GC.GetTotalAllocatedBytes(true) - anywhere);
            }
        }

        public Row Row(string name) => Benchmarks.Row.Of(name, way, "ns", nanoseconds, Math.Round(bytes.Min(), 2), limit, mostBytes);

        private void Keep(TimeSpan elapsed, long allocated)
        {
            nanoseconds.Add(elapsed.TotalNanoseconds / times);
            bytes.Add((double)allocated / times);
        }
    }
}
