using System.Diagnostics;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Keeps a number of calls in flight for a time and counts what comes out at the other end.</summary>
internal static class Lanes
{
    /// <summary>Calls at an even pace whether or not the ones before have ended, as devices do; returns when all have.</summary>
    public static async Task PacedAsync(int perSecond, TimeSpan length, Func<ValueTask<Task>> call, CancellationToken cancellation)
    {
        var (start, sent) = (Stopwatch.GetTimestamp(), 0);
        var running = new List<Task>();
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < length)
        {
            for (; sent < elapsed.TotalSeconds * perSecond; sent++)
            {
                running.Add(await call());
            }

            await Task.Delay(1, cancellation);
        }

        await Task.WhenAll(running);
    }

    /// <summary>Done per second. No lane runs ahead of <paramref name="done"/> by more than <paramref name="window"/>, so that no queue grows without end.</summary>
    public static async Task<double> RateAsync(int lanes, TimeSpan length, int perCall, int window, Func<long> done, Func<Task> call, CancellationToken cancellation)
    {
        var sent = done();
        var start = Stopwatch.GetTimestamp();
        var before = sent;
        async Task LaneAsync()
        {
            while (Stopwatch.GetElapsedTime(start) < length)
            {
                if (Interlocked.Read(ref sent) - done() > window)
                {
                    await Task.Delay(1, cancellation);
                    continue;
                }

                Interlocked.Add(ref sent, perCall);
                await call();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => Task.Run(LaneAsync, cancellation)));
        var rate = (done() - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var patience = Stopwatch.GetTimestamp();
        while (done() < sent)
        {
            if (Stopwatch.GetElapsedTime(patience).TotalSeconds > 20)
            {
                throw new InvalidOperationException($"{sent - done()} of {sent} never came out at the other end");
            }

            await Task.Delay(5, cancellation);
        }

        return rate;
    }
}
