using Lepton.Contracts.Resources;

namespace Lepton.Tests.Contracts;

public sealed class PipelineReaderTests
{
    private const string Good = """
        apiVersion: lepton.dev/v1
        kind: Pipeline
        metadata:
          name: press
        spec:
          source:
            kind: series
            values: [load, speed]
          tiers:
            edge:
              model: press-edge/1
              inputs:
                x:
                  - step: values
                    names: [load, speed]
            cloud:
              model: press-cloud/1
          gate: {score: margin, threshold: 0.3}
          escalate: {deadline: 2h}
        """;

    [Fact]
    public void A_pipeline_is_read_with_its_defaults()
    {
        var faults = new List<Fault>();
        var pipeline = Assert.Single(PipelineReader.Read("press.yaml", Good, faults));
        Assert.Empty(faults);
        Assert.Equal(TimeSpan.FromDays(7), pipeline.DedupeFor);
        Assert.Equal(TimeSpan.FromHours(2), pipeline.Escalation.Deadline);
        Assert.Equal(256 << 10, pipeline.Source.MaxBytes);
        Assert.Equal("values", pipeline.Tiers["edge"].Variants[0].Inputs["x"][0].Name);
    }

    [Fact]
    public void Five_faults_are_told_at_once_with_file_line_and_cure()
    {
        var text = Good.Replace("kind: series", "kind: sound", StringComparison.Ordinal)
            .Replace("name: press", "name: Press 1", StringComparison.Ordinal)
            .Replace("threshold: 0.3", "threshold: 3", StringComparison.Ordinal)
            .Replace("deadline: 2h", "dedline: 2h", StringComparison.Ordinal)
            .Replace("score: margin", "score: sure", StringComparison.Ordinal);
        var faults = new List<Fault>();
        Assert.Empty(PipelineReader.Read("press.yaml", text, faults));
        Assert.Equal(5, faults.Count);
        Assert.All(faults, fault => Assert.True(fault is { File: "press.yaml", Line: > 0, Cure.Length: > 0 }, fault.ToString()));
        Assert.Equal([4, 7, 18, 18, 19], faults.Select(fault => fault.Line).Order());
        Assert.Contains(faults, fault => fault.ToString() == "press.yaml:19: `spec.escalate.dedline` is not known; did you mean `deadline`?");
    }

    [Fact]
    public void Text_that_is_no_YAML_is_one_fault()
    {
        var faults = new List<Fault>();
        Assert.Empty(PipelineReader.Read("x.yaml", "a: [1, 2", faults));
        Assert.Single(faults);
    }

    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("1h30m", 5400)]
    [InlineData("7d", 604800)]
    [InlineData("0", 0)]
    public void Durations_read(string text, double seconds)
    {
        Assert.True(Quantity.TryDuration(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5 m")]
    [InlineData("-5m")]
    [InlineData("5m5")]
    public void Other_text_is_no_duration(string text) => Assert.False(Quantity.TryDuration(text, out _));

    [Theory]
    [InlineData("256Ki", 262144)]
    [InlineData("4MiB", 4194304)]
    [InlineData("7", 7)]
    public void Sizes_read(string text, long bytes)
    {
        Assert.True(Quantity.TryBytes(text, out var read));
        Assert.Equal(bytes, read);
    }
}
