using Lepton.Inference;

namespace Lepton.Tests.Inference;

public sealed class TierModelTests
{
    private const string Source = "{kind: series, values: [a, b]}";
    private static readonly float[][] Identity = [[1, 0], [0, 1]];

    [Fact]
    public void Answers_many_events_in_order_with_bad_ones_between()
    {
        using var folder = new ResourceFolder();
        folder.AddModel("small", TinyOnnx.Linear(Identity, [0, 0]), "logits", "low, high");
        var pipeline = folder.Pipeline(Source, "{step: values}");
        using var tier = folder.Load(pipeline);
        Assert.True(tier is not null, string.Join('\n', folder.Faults));
        var events = Enumerable.Range(0, 100).Select(i => i == 50
            ? new EventInput { Device = "d", Data = default }
            : ResourceFolder.Event(pipeline, $"{{\"values\": {{\"a\": {i}, \"b\": 40}}}}")).ToArray();
        var answers = tier.Answer(events);
        Assert.Equal(100, answers.Length);
        for (var i = 0; i < 100; i++)
        {
            if (i == 50)
            {
                Assert.Contains("holds no series of pipeline 'machine'", answers[i].Problem!, StringComparison.Ordinal);
                continue;
            }
            Assert.Equal(i > 40 ? "low" : "high", i == 40 ? "high" : answers[i].Answer!.Label);
            Assert.Equal(1 / (1 + Math.Exp(40 - i)), answers[i].Answer!.Scores![0], 5);
            Assert.Equal("small/1", answers[i].Answer!.Model);
        }
    }

    [Fact]
    public void A_model_without_a_batch_axis_answers_one_by_one()
    {
        using var folder = new ResourceFolder();
        folder.AddModel("small", TinyOnnx.Linear([[1], [2]], [3], single: true), "value", "");
        var pipeline = folder.Pipeline(Source, "{step: values}");
        using var tier = folder.Load(pipeline)!;
        var answers = tier.Answer([ResourceFolder.Event(pipeline, """{"values": {"a": 1, "b": 2}}"""), ResourceFolder.Event(pipeline, """{"values": {"a": 0, "b": 0}}""")]);
        Assert.Equal([8, 3], answers.Select(answer => answer.Answer!.Value!.Value));
    }

    [Fact]
    public void A_value_is_as_uncertain_as_its_model_says_and_no_spread_says_nothing()
    {
        using var folder = new ResourceFolder();
        folder.AddModel("small", TinyOnnx.Linear([[1], [2]], [0]), "value\n  uncertainty: y", "");
        var pipeline = folder.Pipeline(Source, "{step: values}");
        using var tier = folder.Load(pipeline)!;
        double? Of(string a, string b) => tier.Answer([ResourceFolder.Event(pipeline, $$$"""{"values": {"a": {{{a}}}, "b": {{{b}}}} }""")])[0].Answer!.Uncertainty;
        Assert.Equal([0, 0.75, null, null], [Of("0", "0"), Of("1", "1"), Of("-1", "0"), Of("3e38", "3e38")]);

        folder.AddModel("small", TinyOnnx.Linear([[1], [2]], [0]), "value\n  uncertainty: spread", "");
        Assert.Null(folder.Load(pipeline));
        Assert.Contains("`spec.uncertainty` is 'spread', which is no output of one number of model 'small/1'", folder.Faults.Single().ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("probabilities", 0.25f, 0.75f)]
    [InlineData("logits", -1.0986123f, 0.75f)]
    public void One_score_is_that_of_the_second_label(string decoder, float bias, float first)
    {
        using var folder = new ResourceFolder();
        folder.AddModel("small", TinyOnnx.Linear([[0], [0]], [bias]), decoder, "ok, failure");
        var pipeline = folder.Pipeline(Source, "{step: values}");
        using var tier = folder.Load(pipeline)!;
        var answer = tier.Answer([ResourceFolder.Event(pipeline, """{"values": {"a": 1, "b": 2}}""")])[0].Answer!;
        Assert.Equal("ok", answer.Label);
        Assert.Equal(first, answer.Scores![0], 5);
        Assert.Equal(1, answer.Scores.Sum(), 9);
    }

    [Fact]
    public void A_baseline_of_another_length_is_a_problem_of_that_event_alone()
    {
        using var folder = new ResourceFolder();
        folder.AddModel("small", TinyOnnx.Linear(Identity, [0, 0]), "logits", "low, high");
        var pipeline = folder.Pipeline("{kind: series, signals: {a: 2}}", "{step: take}, {step: subtractBaseline}");
        using var tier = folder.Load(pipeline)!;
        var good = ResourceFolder.Event(pipeline, """{"signals": {"a": [1, 2]}}""");
        var answers = tier.Answer([good with { Baseline = new Dictionary<string, float[]> { ["a"] = [1, 2, 3] } }, good]);
        Assert.Contains("baseline of signal 'a'", answers[0].Problem!, StringComparison.Ordinal);
        Assert.Equal("high", answers[1].Answer!.Label);
    }

    [Fact]
    public void A_missing_corrupt_or_unreadable_model_is_a_fault_that_names_file_and_cure()
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline(Source, "{step: values}");
        Assert.Null(folder.Load(pipeline));
        Expect("there is no", "model.yaml");
        var home = folder.AddModel("small", TinyOnnx.Linear(Identity, [0, 0]), "logits", "low, high");
        File.WriteAllBytes(Path.Combine(home, "model.onnx"), [1, 2, 3]);
        Assert.Null(folder.Load(pipeline));
        Expect("SHA-256 differs", "restore the file");
        File.Delete(Path.Combine(home, "model.onnx"));
        Assert.Null(folder.Load(pipeline));
        Expect("'model.onnx' of model 'small/1' is missing", home);
        folder.AddModel("small", [1, 2, 3], "logits", "low, high");
        Assert.Null(folder.Load(pipeline));
        Expect("ONNX Runtime refuses the file", "export the model again");
        folder.AddModel("small", TinyOnnx.Linear(Identity, [0, 0]), "logits", "low, middle, high");
        Assert.Null(folder.Load(pipeline));
        Expect("are 3, and output 'y' scores 2", "one label for each score");

        void Expect(string problem, string cure)
        {
            var fault = Assert.Single(folder.Faults);
            Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
            Assert.Contains(cure, fault.ToString(), StringComparison.Ordinal);
            folder.Faults.Clear();
        }
    }

    [Fact]
    public void Every_fault_of_a_tier_is_told_whatever_list_the_pipeline_was_read_with()
    {
        using var folder = new ResourceFolder();
        folder.AddModel("small", TinyOnnx.Linear(Identity, [0, 0]), "logits", "low, high");
        var pipeline = folder.Pipeline(Source, "{step: valeus}, {step: values, names: [c]}, {step: scale, divide: 0, by: 1}");
        var faults = new List<Lepton.Contracts.Resources.Fault>();
        Assert.Null(TierModel.Load(pipeline, "edge", folder.Catalog, faults));
        Assert.Equal(4, faults.Count);
        Assert.Empty(folder.Faults);
        Assert.All(faults, fault => Assert.Equal(10, fault.Line));
    }

    [Fact]
    public async Task Answers_from_many_threads_do_not_mix()
    {
        using var folder = new ResourceFolder();
        folder.AddModel("small", TinyOnnx.Linear([[1], [2]], [0]), "value", "");
        var pipeline = folder.Pipeline(Source, "{step: values}");
        using var tier = folder.Load(pipeline)!;
        var inputs = Enumerable.Range(0, 200).Select(i => ResourceFolder.Event(pipeline, $"{{\"values\": {{\"a\": {i}, \"b\": {i}}}}}")).ToArray();
        await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, (i, _) =>
        {
            var answers = tier.Answer(inputs.AsSpan(i, Math.Min(7, 200 - i)));
            Assert.All(answers.Index(), pair => Assert.Equal(3.0 * (i + pair.Index), pair.Item.Answer!.Value!.Value, 3));
            return ValueTask.CompletedTask;
        });
    }
}
