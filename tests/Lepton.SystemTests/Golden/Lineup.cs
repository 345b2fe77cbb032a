using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Xunit.Sdk;
using Xunit.v3;

namespace Lepton.SystemTests.Golden;

/// <summary>
/// Plays the cases of a class side by side, since most of their time is waiting: while one test waits for its case, those after it are played already.
/// As the orderer of test cases it learns which of them this run is to play, and leaves their order as it is.
/// </summary>
public sealed class Lineup : ITestCaseOrderer, IDisposable
{
    private static readonly ConcurrentDictionary<string, bool> Chosen = new();
    private readonly SemaphoreSlim slots;
    private readonly Dictionary<string, Task> playing = [];

    public Lineup() : this(1)
    {
    }

    internal Lineup(int atOnce) => slots = new SemaphoreSlim(atOnce);

    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase
    {
        foreach (var test in testCases)
        {
            var name = Regex.Match(test.TestCaseDisplayName, "\"(.+)\"").Groups[1].Value;
            Chosen[name] = GoldenCase.IsTimed(name);
        }
        return testCases;
    }

    public void Dispose() => slots.Dispose();

    internal Task PlayAsync(string name)
    {
        lock (playing)
        {
            if (playing.Count == 0)
            {
                var timed = GoldenCase.IsTimed(name);
                foreach (var (other, _) in Chosen.Where(c => c.Value == timed).OrderBy(c => c.Key, StringComparer.Ordinal)) playing[other] = InTurnAsync(other);
            }
            return playing.TryGetValue(name, out var task) ? task : playing[name] = InTurnAsync(name);
        }
    }

    private async Task InTurnAsync(string name)
    {
        await slots.WaitAsync();
        try
        {
            await Task.Run(() => PlayOnceOrAgainAsync(name));
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>What a case measures may be late because the machine is: a case with times counts as failed when it fails three times.</summary>
    private static async Task PlayOnceOrAgainAsync(string name)
    {
        for (var left = GoldenCase.IsTimed(name) ? 2 : 0; ; left--)
        {
            try
            {
                await Conversation.PlayAsync(name);
                return;
            }
            catch (GoldenException) when (left > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }
}
