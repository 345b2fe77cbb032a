using Lepton.Cli;
using Lepton.Cli.Pipelines;
using Lepton.Contracts.Resources;

namespace Lepton.Tests.Cli;

public sealed class FeedOptionsTests
{
    private readonly PipelineCatalog catalog = new("", [Named("beats"), Named("frames")]);

    [Fact]
    public void A_rate_for_one_pipeline_wins_over_the_rate_for_all()
    {
        var feeds = Options(rates: ["max", "beats=30/m"]).Resolve(catalog);
        Assert.Equal(0.5, feeds[0].Rate?.PerSecond);
        Assert.Equal(Rate.Max, feeds[1].Rate);
    }

    [Fact]
    public void Without_a_rate_the_source_has_its_own()
    {
        Assert.Equal(7, Options().Resolve(catalog)[0].RateOrDefault.PerSecond);
    }

    [Theory]
    [InlineData("nope", "", "", "there is no pipeline 'nope'; known: beats, frames")]
    [InlineData("beats", "nope=simulator", "", "there is no pipeline 'nope'")]
    [InlineData("beats", "frames=simulator", "", "--input names 'frames', which --only leaves out")]
    [InlineData("beats", "/no/such/file", "", "--input '/no/such/file' names no pipeline")]
    [InlineData("beats", "beats=/no/such/file", "", "there is no file or folder '/no/such/file'")]
    [InlineData("beats", "", "fast", "--rate 'fast' is no rate")]
    [InlineData("beats", "", "beats=0/s", "--rate 'beats=0/s' is no rate")]
    [InlineData("beats", "", "frames=max", "--rate names 'frames', which --only leaves out")]
    public void Wrong_use_names_the_option_and_its_cure(string only, string input, string rate, string message)
    {
        var options = Options(only.Split(','), input.Length > 0 ? [input] : [], rate.Length > 0 ? [rate] : []);
        var error = Assert.Throws<CommandException>(() => options.Resolve(catalog));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(CommandException.WrongUse, error.ExitCode);
    }

    [Theory]
    [InlineData("max", null)]
    [InlineData("50", 50.0)]
    [InlineData("50/s", 50.0)]
    [InlineData("0.5/s", 0.5)]
    [InlineData("90/m", 1.5)]
    [InlineData("7200/h", 2.0)]
    public void Rates_are_written_per_second_minute_or_hour(string text, double? perSecond)
    {
        Assert.True(Rate.TryParse(text, out var rate));
        Assert.Equal(perSecond, rate.PerSecond);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5/s")]
    [InlineData("5/d")]
    [InlineData("NaN")]
    [InlineData("1e9")]
    public void Everything_else_is_no_rate(string text) => Assert.False(Rate.TryParse(text, out _));

    private static FeedOptions Options(string[]? only = null, string[]? inputs = null, string[]? rates = null) => new(only ?? [], inputs ?? [], rates ?? [], 1);

    private static Pipeline Named(string name)
    {
        var faults = new List<Fault>();
        var yaml = $$$"""
            apiVersion: lepton.dev/v1
            kind: Pipeline
            metadata: {name: {{{name}}}}
            spec:
              source: {kind: series, values: [speed], replay: [{reader: csv, path: rows.csv, rate: 7}]}
              tiers: {cloud: {model: big/1}}
            """;
        return Assert.Single(PipelineReader.Read(name, yaml, faults));
    }
}
