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
[TestCaseOrderer(typeof(Lineup))]
public sealed class GoldenTests
{
    private static readonly Lineup Lineup = new(atOnce: 16);

    public static TheoryData<string> Cases => [.. GoldenCase.Offered.Where(name => !GoldenCase.IsTimed(name))];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string name) => Lineup.PlayAsync(name);
}

/// <summary>The conversations that measure times: a few at once, which leaves the machine idle, after all others.</summary>
[Collection(GoldenCollection.Name)]
[TestCaseOrderer(typeof(Lineup))]
public sealed class TimedGoldenTests
{
    private static readonly Lineup Lineup = new(atOnce: 6);

    public static TheoryData<string> Cases => [.. GoldenCase.Offered.Where(GoldenCase.IsTimed)];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Case(string name) => Lineup.PlayAsync(name);
}
