namespace Lepton.SystemTests.Golden;

/// <summary>Holds the table of what is not offered against what is really left out, so that nothing is skipped in silence.</summary>
public sealed class TableTests
{
    [Fact]
    public void Every_case_is_played_or_stands_in_the_table_with_its_reason()
    {
        var played = GoldenTests.Cases.Concat(TimedGoldenTests.Cases).Select(row => row.Data).Order(StringComparer.Ordinal).ToList();
        var unknown = GoldenCase.NotOffered.Keys.Except(GoldenCase.Names).ToList();
        Assert.True(unknown.Count == 0, $"not-offered.tsv names cases that do not exist: {string.Join(", ", unknown)}");
        Assert.All(GoldenCase.NotOffered, row => Assert.True(row.Value.Length > 20, $"not-offered.tsv gives no reason for {row.Key}"));
        Assert.Equal(played.Distinct(), played);
        if (Environment.GetEnvironmentVariable("GOLDEN_RUNTIME") is { Length: > 0 }) return;
        Assert.Equal(GoldenCase.Names.Except(GoldenCase.NotOffered.Keys), played);
        TestContext.Current.SendDiagnosticMessage($"{played.Count} of {GoldenCase.Names.Count} cases are played, {GoldenCase.NotOffered.Count} stand in Golden/not-offered.tsv");
    }

    /// <summary>A case that holds has no place in the table: whoever mends the last thing about it takes it out.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public async Task No_case_in_the_table_holds()
    {
        var held = new List<string>();
        foreach (var name in GoldenCase.NotOffered.Keys)
        {
            try
            {
                await Conversation.PlayAsync(name);
                held.Add(name);
            }
            catch (Exception)
            {
                // As the table says.
            }
        }
        Assert.True(held.Count == 0, $"these hold, so take them out of not-offered.tsv: {string.Join(", ", held)}");
    }
}
