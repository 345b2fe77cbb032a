using Lepton.Contracts.Events;
using OpenCvSharp;

namespace Lepton.SystemTests.Node;

/// <summary>Pipelines of the kinds that are no classifiers, each only the files written here.</summary>
public sealed class KindsTests
{
    /// <summary>The side of a frame and of its only cell, pixels.</summary>
    private const int Side = 32;

    private const string Pipeline = """
        apiVersion: lepton.dev/v1
        kind: Pipeline
        metadata: {name: NAME}
        spec:
          source: SOURCE
          tiers:
            edge: {model: NAME-edge/1, inputs: {x: EDGE}}
            cloud: {model: NAME-cloud/1, inputs: {x: CLOUD}}
          gate: {mode: expected, alpha: 0.1, warmUp: 1, shadow: SHADOW, tolerance: TOLERANCE}
          escalate: {to: cloud}
        """;

    [Fact]
    public async Task A_regression_is_labelled_by_its_tolerance_and_calibrated_by_its_own_doubt()
    {
        // The edge reads x and doubts large ones; the cloud knows the truth. Audits see what was accepted.
        await using var lab = await Lab.StartAsync(resources =>
        {
            Write(resources, "level", "{kind: series, values: [x, truth]}", "[{step: values, names: [x]}]", "[{step: values, names: [x, truth]}]", shadow: "1", tolerance: "0.5");
            GaugeFiles.WriteModel(resources, "level-edge", TinyModel.Write([1], ("Identity", "level", [[1]]), ("Abs", "spread", [[0.1f]])), "decoder: value\n  output: level\n  uncertainty: spread");
            GaugeFiles.WriteModel(resources, "level-cloud", TinyModel.Write([2], ("Identity", "level", [[0], [1]])), "decoder: value");
        });
        async Task<Result> Post(string id, double x, double truth) => await lab.PostAsync("level", "urn:tank:1", id, $$$"""{"values":{"x":{{{x}}},"truth":{{{truth}}} } }""");
        await CalibrateAsync(lab, "level", i => i == 0 ? Post("wrong", 10, 12) : Post($"{i}", 1, 1.4));

        // A spread of 1 is a doubt of 1/2: that of the one value that was more than 0.5 off.
        var accepted = await Post("right", 2, 2.4);
        Assert.Equal(("accept", 2.0, "open"), (accepted.Decision, accepted.Answer!.Value, accepted.Gate!.Phase));
        Assert.Equal((0.5, 1 / 6.0), (accepted.Gate.Threshold!.Value, accepted.Gate.Doubt!.Value), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-6 && Math.Abs(a.Item2 - b.Item2) < 1e-6);
        var first = await Post("far", 20, 3);
        Assert.Equal(("provisionalAndEscalate", "provisional", 20.0), (first.Decision, first.Status, first.Answer!.Value));
        var second = await lab.Checker.WaitAsync(first.Subject, 2);
        Assert.Equal((3.0, "cloud", first.Id, "corrected"), (second.Answer!.Value, second.Answer.Tier, second.Supersedes, second.Reasons[0]));

        // Both were drawn by the coin: the accepted one is a right label, the other a wrong one.
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/level")).GetProperty("n").GetInt32() == Lab.Labels + 2, "both labels were fed back");
        var gate = await lab.ReadAsync("v1/gates/level");
        Assert.Equal((2, 2), (gate.GetProperty("errors").GetInt32(), gate.GetProperty("shadow").GetInt32()));
    }

    [Fact]
    public async Task A_detector_is_labelled_by_the_overlap_of_its_boxes_and_a_wrong_frame_is_corrected()
    {
        await using var lab = await Lab.StartAsync(resources =>
        {
            const string Whole = "[{step: stretch}, {step: pixels, scale: 0.00392157}]", Card = "decoder: yolox\n  strides: [32]\n  labels: [car, bus]\n  keep: 0.3";
            Write(resources, "yard", "{kind: image, maxBytes: 64Ki}", Whole, Whole, shadow: "0", tolerance: "0.25");
            // A box of 8 pixels around (8, 16). Red is always full. The edge's score is the frame's blue; the cloud is sure, and sees that green moves the box to the right.
            float[] still = [0.25f, 0.5f, -1.3863f, -1.3863f, 1, 0, 0], sure = [0.25f, 0.5f, -1.3863f, -1.3863f, 1, 1, 0];
            GaugeFiles.WriteModel(resources, "yard-edge", TinyModel.Write([3, Side, Side], ("Identity", "boxes", OfChannels([0, 0, 0, 0, 0, 1, 0], new float[7], still))), Card);
            GaugeFiles.WriteModel(resources, "yard-cloud", TinyModel.Write([3, Side, Side], ("Identity", "boxes", OfChannels(new float[7], [0.5f, 0, 0, 0, 0, 0, 0], sure))), Card);
        });
        async Task<Result> Post(string id, double score, double moved) =>
            await lab.PostAsync("yard", new CloudEvent { Id = id, Source = "urn:camera:1", Type = EventTypes.Event, IsBinary = true, DataContentType = "image/png", Data = Frame(score, moved) });

        // Boxes that are 1.6 pixels apart share two thirds, those 16 apart nothing.
        await CalibrateAsync(lab, "yard", i => i == 0 ? Post("wrong", 0.6, 1) : Post($"{i}", 0.9, 0.1));
        var accepted = await Post("right", 0.8, 0);
        Assert.Equal(("accept", "final", "car", "open"), (accepted.Decision, accepted.Status, accepted.Answer!.Label, accepted.Gate!.Phase));
        Assert.Equal((0.4, 0.2), (accepted.Gate.Threshold!.Value, accepted.Gate.Doubt!.Value), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-4 && Math.Abs(a.Item2 - b.Item2) < 1e-4);
        Assert.Equal(["confident"], accepted.Reasons);
        var first = await Post("doubtful", 0.4, 1);
        Assert.Equal(("provisionalAndEscalate", "provisional", 4.0), (first.Decision, first.Status, first.Answer!.Boxes!.Single().X));
        Assert.Equal(["uncertain"], first.Reasons);
        var second = await lab.Checker.WaitAsync(first.Subject, 2);
        Assert.Equal((20.0, "cloud", first.Id, "corrected"), (second.Answer!.Boxes!.Single().X, second.Answer.Tier, second.Supersedes, second.Reasons[0]));
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/yard")).GetProperty("counts").GetProperty("disagreed").GetInt32() == 2, "the correction was fed back");
    }

    /// <summary>Nine events that the cloud checks, of which the first is wrong; they open the gate.</summary>
    private static async Task CalibrateAsync(Lab lab, string pipeline, Func<int, Task<Result>> post)
    {
        for (var i = 0; i < Lab.Labels; i++)
        {
            Assert.Equal(["coldStart"], (await post(i)).Reasons.Except(["shadow"]));
        }

        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/" + pipeline)).GetProperty("phase").GetString() == "open", "nine labels open the gate");
        var gate = await lab.ReadAsync("v1/gates/" + pipeline);
        Assert.Equal((Lab.Labels, 1), (gate.GetProperty("n").GetInt32(), gate.GetProperty("errors").GetInt32()));
    }

    private static void Write(string resources, string name, string source, string edge, string cloud, string shadow, string tolerance)
    {
        Directory.CreateDirectory(Path.Combine(resources, "pipelines"));
        File.WriteAllText(
            Path.Combine(resources, "pipelines", name + ".yaml"),
            Pipeline.Replace("NAME", name, StringComparison.Ordinal).Replace("SOURCE", source, StringComparison.Ordinal).Replace("EDGE", edge, StringComparison.Ordinal)
                .Replace("CLOUD", cloud, StringComparison.Ordinal).Replace("SHADOW", shadow, StringComparison.Ordinal).Replace("TOLERANCE", tolerance, StringComparison.Ordinal));
    }

    /// <summary>Weights that look at the first pixel only: a row for each of its channels, blue, green, red.</summary>
    private static float[][] OfChannels(params float[][] channels) =>
        [.. Enumerable.Range(0, channels.Length * Side * Side).Select(number => number % (Side * Side) == 0 ? channels[number / (Side * Side)] : new float[channels[0].Length])];

    private static byte[] Frame(double blue, double green)
    {
        using var picture = new Mat(Side, Side, MatType.CV_8UC3, new Scalar(Math.Round(255 * blue), Math.Round(255 * green), 255));
        Cv2.ImEncode(".png", picture, out var png);
        return png;
    }
}
