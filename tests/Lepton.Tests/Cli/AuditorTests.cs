using Lepton.Cli.Checking;

namespace Lepton.Tests.Cli;

public sealed class AuditorTests
{
    [Theory]
    [InlineData(105, 23, 0)]
    [InlineData(106, 23, 1)]
    [InlineData(105, 25, 2)]
    [InlineData(104, 23, 0)]
    public void What_twin_and_gate_counted_beyond_what_was_seen_was_applied_twice(long twin, long gate, long twice)
    {
        var before = new JournalHead("r1", new Dictionary<string, Dictionary<string, long>> { ["device"] = new() { ["beats"] = 100 } }, new Dictionary<string, long> { ["beats"] = 20 });
        var audit = Auditor.Compare(
            before,
            new Dictionary<(string, string), long> { [("beats", "device")] = 5 },
            new Dictionary<string, long> { ["beats"] = 3 },
            new() { ["device"] = new() { ["beats"] = twin } },
            new() { ["beats"] = gate });
        Assert.Equal(twice, audit.AppliedTwice.GetValueOrDefault("beats"));
        Assert.Equal(twin == 105 && gate == 23, audit.Notes.Count == 0);
    }
}
