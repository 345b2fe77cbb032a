using System.CommandLine;
using Lepton.Cli.Gates;
using Lepton.Cli.Gates.Benchmark;
using Lepton.Inference.ScoreFiles;
using Lepton.Trainer.Streams;

namespace Lepton.Tests.Cli.Gates;

/// <summary>The whole benchmark: what holds must go on to hold.</summary>
[Trait("Category", "Long")]
public sealed class ClaimsTests : IDisposable
{
    // G2 by margin: sedna-ce sends two thirds and more of the two streams with three classes. G8: not even the best threshold in hindsight gets there.
    // G5: a shift of 2,000 resampled windows that is found after 500 events, a few too late.
    private static readonly (string Id, string? Pool)[] KnownMisses = [("G2", null), ("G8", "client"), ("G8", "machine"), ("G5", "fan")];
    private readonly string folder = Directory.CreateTempSubdirectory("lepton-claims-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_claim_holds_but_the_known_misses()
    {
        var data = Environment.GetEnvironmentVariable("LEPTON_DATA");
        if (data is not null)
        {
            Assert.Equal(0, StreamsCommand.Create().Parse(["--output", folder, "--data", data, "--resources", Repository.Repository.Path("workflows")]).Invoke());
        }

        using var text = new StringWriter();
        var real = Directory.EnumerateFiles(folder, "*.csv").Order(StringComparer.Ordinal).Select(file => Pool.Read(ScoreFile.Open(file))).ToArray();
        var report = GateBenchmarkCommand.Run(real, 200, 200, 1, text, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(text.ToString());
        var missed = report.Goals.Where(goal => goal.Passed == false).ToArray();
        Assert.DoesNotContain(missed, goal => !KnownMisses.Contains((goal.Id, goal.Pool)));
        Assert.True(missed.Count(goal => goal.Id == "G2") <= 1);
        string[] ids = ["G1", "G3", "G4", "G5", "G6", "G7", "G8", "G9"];
        Assert.All(data is null ? ids : [.. ids, "G2"], id => Assert.Contains(report.Goals, goal => goal.Id == id && goal.Passed == true));
    }
}
