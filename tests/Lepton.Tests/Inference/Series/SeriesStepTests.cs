using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;
using Lepton.Inference.Series;

namespace Lepton.Tests.Inference.Series;

public sealed class SeriesStepTests
{
    private const string Source = "{kind: series, signals: {a: 4, b: 4}, values: [speed, load]}";
    private const string Event = """{"signals": {"a": [1, 2, 3, 6], "b": [0, 0, 0, 0]}, "values": {"speed": 10, "load": 0.5}}""";

    [Theory]
    [InlineData("{step: take, signals: [a]}", new float[] { 1, 2, 3, 6 })]
    [InlineData("{step: take}", new float[] { 1, 2, 3, 6, 0, 0, 0, 0 })]
    [InlineData("{step: take, signals: [b, a]}", new float[] { 0, 0, 0, 0, 1, 2, 3, 6 })]
    [InlineData("{step: values, names: [load, speed]}", new float[] { 0.5f, 10 })]
    [InlineData("{step: values}, {step: scale, subtract: [8, 0], divide: [2, 0.25]}", new float[] { 1, 2 })]
    [InlineData("{step: values}, {step: scale, divide: 10}", new float[] { 1, 0.05f })]
    [InlineData("{step: take, signals: [a]}, {step: resample, samples: 2}, {step: values, names: [speed]}", new float[] { 1.5f, 4.5f, 10 })]
    [InlineData("{step: take, signals: [a]}, {step: resample, samples: 3}", new float[] { 1.1666666f, 2.5f, 5.5f })]
    [InlineData("{step: take, signals: [a]}, {step: window, from: 1, samples: 2}", new float[] { 2, 3 })]
    [InlineData("{step: take, signals: [a]}, {step: derivative}", new float[] { 0, 1, 1, 3 })]
    [InlineData("{step: take, signals: [a]}, {step: centre}", new float[] { -2, -1, 0, 3 })]
    [InlineData("{step: take}, {step: normalise}", new float[] { -1.069045f, -0.5345225f, 0, 1.6035675f, 0, 0, 0, 0 })]
    [InlineData("{step: take, signals: [a]}, {step: features, of: [mean, least, most, range]}", new float[] { 3, 1, 6, 5 })]
    [InlineData("{step: take, signals: [a]}, {step: subtractBaseline}", new float[] { 0, 1, 2, 5 })]
    [InlineData("{step: baseline, signals: [a, b]}", new float[] { 1, 1, 1, 1, 0, 0, 0, 0 })]
    public void Steps_make_the_tensor(string steps, float[] expected)
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline(Source, steps);
        var compiled = InputSteps.Compile(pipeline, pipeline.Tiers["edge"].Variants[0], new Tensor("x", [expected.Length]), folder.Faults);
        Assert.True(compiled is not null, string.Join('\n', folder.Faults));
        var tensor = new float[expected.Length];
        compiled.Fill(ResourceFolder.Event(pipeline, Event, new Dictionary<string, float[]> { ["a"] = [1, 1, 1, 1] }), tensor);
        Assert.Equal(expected, tensor, (left, right) => Math.Abs(left - right) < 1e-5);
    }

    [Theory]
    [InlineData("{step: tkae}", "'tkae'", "use one of take")]
    [InlineData("{step: take, signals: [c]}", "names 'c'", "use one of a, b")]
    [InlineData("{step: take, signal: [a]}", "`spec.tiers.edge.inputs.x[0].signal` is not known", "did you mean `signals`?")]
    [InlineData("{step: values, names: [sped]}", "names 'sped'", "use one of speed, load")]
    [InlineData("{step: take, signals: [a]}, {step: window, from: 3, samples: 2}", "reaches 5", "inside the row")]
    [InlineData("{step: values}, {step: scale, divide: 0}", "holds 0", "other than 0")]
    [InlineData("{step: take, signals: [a]}", "makes 4 numbers for 'x'", "change the steps")]
    public void A_wrong_step_is_a_fault_with_its_line_and_cure(string steps, string problem, string cure)
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline(Source, steps);
        Assert.Null(InputSteps.Compile(pipeline, pipeline.Tiers["edge"].Variants[0], new Tensor("x", [2]), folder.Faults));
        var fault = folder.Faults[0];
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.Contains(cure, fault.Cure, StringComparison.Ordinal);
        Assert.True(fault.Line > 5, $"line {fault.Line}");
    }
}
