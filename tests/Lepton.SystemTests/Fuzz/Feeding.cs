using System.Collections.Concurrent;
using CsCheck;
using Lepton.SystemTests.Golden;

namespace Lepton.SystemTests.Fuzz;

/// <summary>Feeds inputs by their numbers, many at once. The few of the normal run are always the same; the many of the long one are drawn by CsCheck, which says how to draw them again.</summary>
internal static class Feeding
{
    internal const int Few = 200;
    internal const int Many = 10_000;

    internal static async Task FewAsync(int count, Func<int, Task> feed)
    {
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, _) =>
        {
            try
            {
                await feed(number);
            }
            catch (Exception fault)
            {
                failures.Enqueue($"input {number}: {fault.Message}");
            }
        });
        if (!failures.IsEmpty) throw new GoldenException($"{failures.Count} of {count} inputs failed:\n{string.Join('\n', failures.Take(40))}");
    }

    /// <summary>More at once: every tenth waits its whole patience for somebody who never comes.</summary>
    internal static Task ManyAsync(long count, Func<int, Task> feed) => Gen.Int[0, int.MaxValue].SampleAsync(feed, iter: count, threads: 256);
}
