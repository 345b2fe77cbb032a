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
          gate: {score: margin, alpha: 0.02}
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
            .Replace("alpha: 0.02", "alpha: 3", StringComparison.Ordinal)
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
    public void A_gate_is_read_whole()
    {
        const string Gate = """
            gate:
                alpha: 0.01
                mode: expected
                delta: 0.1
                score: entropy
                shadow: 0.02
                perClass: true
                critical: {broken: 0.005}
                warmUp: 2
                window: 500
                tolerance: 0.5
                overlap: 0.4
                novelty: [load]
                alwaysCloud: true
            """;
        var faults = new List<Fault>();
        var text = Good.Replace("gate: {score: margin, alpha: 0.02}", Gate.ReplaceLineEndings("\n"), StringComparison.Ordinal)
            .Replace("{deadline: 2h}", "{provisional: whenLate, parkFor: 5m, rejectWhenUnsure: true, budget: {rate: 20Ki, burst: 1Mi, payload: 4Ki, share: 0.2}}\n  privacy: local-only", StringComparison.Ordinal);
        var pipeline = Assert.Single(PipelineReader.Read("press.yaml", text, faults));
        Assert.Empty(faults);
        var gate = pipeline.Gate;
        Assert.Equal((0.01, "expected", 0.1, "entropy", 0.02, true), (gate.Alpha, gate.Mode, gate.Delta, gate.Score, gate.Shadow, gate.PerClass));
        Assert.Equal((0.005, 2, 500, 0.5, 0.4, true), (gate.Critical["broken"], gate.WarmUp, gate.Window, gate.Tolerance, gate.Overlap, gate.AlwaysCloud));
        Assert.Equal(["load"], gate.Novelty);
        Assert.Equal((ProvisionalAnswers.WhenLate, TimeSpan.FromMinutes(5), true), (pipeline.Escalation.Provisional, pipeline.Escalation.ParkFor, pipeline.Escalation.RejectWhenUnsure));
        Assert.Equal(new BudgetPlan(20 << 10, 1 << 20, 4 << 10, 0.2), pipeline.Escalation.Budget);
        Assert.Equal(Privacy.LocalOnly, pipeline.Privacy);
    }

    [Theory]
    [InlineData("{threshold: 0.4}", "alpha: 0.05")]
    [InlineData("{alpha: 0}", "from 0.001")]
    [InlineData("{alpha: NaN}", "write a number")]
    [InlineData("{alpha: 1.5}", "0.999")]
    [InlineData("{alfa: 0.1}", "did you mean `alpha`")]
    [InlineData("{mode: hope}", "pac, expected")]
    [InlineData("{delta: -1}", "from 0.001")]
    [InlineData("{score: energy}", "margin, top, entropy")]
    [InlineData("{shadow: 2}", "from 0 to 1")]
    [InlineData("{perClass: maybe}", "true")]
    [InlineData("{critical: [broken]}", "")]
    [InlineData("{critical: {broken: 7}}", "0.999")]
    [InlineData("{warmUp: 0}", "1")]
    [InlineData("{warmUp: x}", "")]
    [InlineData("{window: 1000000}", "10000")]
    [InlineData("{tolerance: -1}", "at least 0")]
    [InlineData("{overlap: 0}", "0.01")]
    [InlineData("{novelty: [pressure]}", "load, speed")]
    [InlineData("[]", "")]
    [InlineData("garbage", "")]
    public void A_faulty_gate_is_told_with_its_cure(string gate, string cure)
    {
        var faults = new List<Fault>();
        Assert.Empty(PipelineReader.Read("press.yaml", Good.Replace("{score: margin, alpha: 0.02}", gate, StringComparison.Ordinal), faults));
        var fault = Assert.Single(faults);
        Assert.True(fault.Line > 0 && fault.Cure.Contains(cure, StringComparison.Ordinal), fault.ToString());
    }

    [Theory]
    [InlineData("{budget: {burst: 1Mi}}", "rate: 20KiB")]
    [InlineData("{budget: {rate: 1Ki, burst: 1Mi, share: 0}}", "0.001")]
    [InlineData("{provisional: perhaps}", "whenLate")]
    [InlineData("{parkFor: soon}", "")]
    [InlineData("{rejectWhenUnsure: 3}", "true")]
    public void A_faulty_escalation_is_told_with_its_cure(string escalate, string cure)
    {
        var faults = new List<Fault>();
        Assert.Empty(PipelineReader.Read("press.yaml", Good.Replace("{deadline: 2h}", escalate, StringComparison.Ordinal), faults));
        var fault = Assert.Single(faults);
        Assert.True(fault.Line > 0 && fault.Cure.Contains(cure, StringComparison.Ordinal), fault.ToString());
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
