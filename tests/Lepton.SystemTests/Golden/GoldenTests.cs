using System.Text.RegularExpressions;
using Xunit.Sdk;
using Xunit.v3;

namespace Lepton.SystemTests.Golden;

/// <summary>Nothing else runs beside the recorded conversations.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GoldenCollection
{
    internal const string Name = "golden";
}

/// <summary>
/// The recorded conversations of daprd, each a test named by its file: against the runtime in this process, or against any command with daprd's flags that
/// GOLDEN_RUNTIME names (for a real daprd GOLDEN_PLACEMENT and GOLDEN_SCHEDULER say where those are).
/// </summary>
[Collection(GoldenCollection.Name)]
[TestCaseOrderer(typeof(Chosen))]
public sealed class GoldenTests
{
    private const int AtOnce = 16;
    private static readonly Dictionary<string, Task> Playing = [];
    private static readonly Queue<string> Waiting = [];

    public static TheoryData<string> Cases => [.. GoldenCase.Offered.Where(name => !GoldenCase.IsNarrow(name))];

    /// <summary>Plays the next cases beside this one: most of their time is waiting.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string name)
    {
        while (Waiting.Count > 0 && Playing.Values.Count(task => !task.IsCompleted) < AtOnce) Begin(Waiting.Dequeue());
        Begin(name);
        return Playing[name];
    }

    private static void Begin(string name)
    {
        if (!Playing.ContainsKey(name)) Playing[name] = Task.Run(() => Conversation.PlayAsync(name));
    }

    /// <summary>Learns which cases this run is to play, and leaves their order as it is.</summary>
    public sealed class Chosen : ITestCaseOrderer
    {
        public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
            where TTestCase : notnull, ITestCase
        {
            foreach (var test in testCases) Waiting.Enqueue(Regex.Match(test.TestCaseDisplayName, "\"(.+)\"").Groups[1].Value);
            return testCases;
        }
    }
}
