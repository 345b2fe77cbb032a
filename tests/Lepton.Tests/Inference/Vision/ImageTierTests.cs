using Lepton.Contracts.Resources;
using Lepton.Inference;
using OpenCvSharp;

namespace Lepton.Tests.Inference.Vision;

public sealed class ImageTierTests
{
    [Fact]
    public void A_model_that_is_not_at_hand_is_named_with_where_to_get_it()
    {
        var faults = Load("model: yolox-nano/1\n      inputs:\n        images: [{step: letterbox}, {step: pixels}]");

        var fault = Assert.Single(faults).ToString();
        Assert.Contains("'yolox_nano_416_coco.onnx' of model 'yolox-nano/1' is missing", fault, StringComparison.Ordinal);
        Assert.Contains("set LEPTON_DATA", fault, StringComparison.Ordinal);
        Assert.Contains("https://github.com/", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inputs: {images: [{step: letterbox}]}", "does not say how the picture becomes 'images'", "[{step: letterbox}, {step: pixels}]")]
    [InlineData("inputs: {images: [{step: stretch, interpolation: cubic}, {step: pixels}]}", "is 'cubic'", "linear, area")]
    [InlineData("inputs: {images: [{step: stretch}, {step: pixels, mean: [1, 2]}]}", "is [1, 2]", "three numbers")]
    [InlineData("inputs: {images: [{step: stretch}, {step: pixels, scael: 2}]}", "`spec.tiers.edge.inputs.images[1].scael` is not known", "did you mean `scale`?")]
    [InlineData("labels: [car, tram]\n      inputs: {images: [{step: letterbox}, {step: pixels}]}", "names 'tram', which model 'street-cloud/1' does not know", "person, bicycle, car")]
    public void A_fault_in_the_steps_is_told_with_its_line_and_cure(string use, string problem, string cure)
    {
        var fault = Assert.Single(Load($"model: street-cloud/1\n      {use}"));

        Assert.InRange(fault.Line, 8, 11);
        Assert.Contains(problem, fault.ToString(), StringComparison.Ordinal);
        Assert.Contains(cure, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_images_get_sentences_and_good_ones_beside_them_answers()
    {
        using var tier = Street.Load("cloud", null);
        using var picture = new Mat(288, 480, MatType.CV_8UC3, new Scalar(120, 120, 120));
        Cv2.ImEncode(".png", picture, out var good);
        var damaged = good.ToArray();
        damaged.AsSpan(45, damaged.Length - 70).Fill(0xAA);

        EventInput[] events = [Admitted(good), Admitted(damaged), Admitted(good)];
        var answers = tier.Answer(events);

        Assert.Equal(["empty", null, "empty"], answers.Select(answer => answer.Answer?.Label));
        Assert.Contains("send it again", answers[1].Problem, StringComparison.Ordinal);
        Assert.Null(EventInput.Read(Street.Pipeline, "camera", "image/jpeg", good, null, out var problem));
        Assert.Contains("is a PNG; send it as image/png", problem, StringComparison.Ordinal);
        Assert.Null(EventInput.Read(Street.Pipeline, "camera", "image/png", new byte[50 << 20], null, out problem));
        Assert.Contains("52428800 bytes", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edge")]
    [InlineData("cloud")]
    public void The_longest_strip_admitted_is_answered_and_a_longer_one_is_refused(string name)
    {
        using var tier = Street.Load(name, null);
        using var strip = new Mat(8, 256, MatType.CV_8UC3, Scalar.All(90));
        Cv2.ImEncode(".png", strip, out var image);
        using var longer = new Mat(8, 8000, MatType.CV_8UC3, Scalar.All(90));
        Cv2.ImEncode(".png", longer, out var refused);

        Assert.Equal("empty", tier.Answer([Admitted(image)])[0].Answer?.Label);
        Assert.Null(EventInput.Read(Street.Pipeline, "camera", "image/png", refused, null, out var problem));
        Assert.Contains("is 8000x8 pixels, and a side may be at most 32 times the other", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_edge_is_unsure_until_it_knows_the_background()
    {
        using var tier = Street.Load("edge", null);
        using var picture = new Mat(288, 480, MatType.CV_8UC3, new Scalar(120, 120, 120));
        Cv2.ImEncode(".png", picture, out var image);

        var uncertainties = Enumerable.Range(0, 14).Select(_ => Street.Ask(tier, "camera", image, "image/png").Uncertainty!.Value).ToArray();

        Assert.All(uncertainties[..12], uncertainty => Assert.Equal(1, uncertainty));
        Assert.All(uncertainties[12..], uncertainty => Assert.InRange(uncertainty, 0, 0.2));
    }

    private static EventInput Admitted(byte[] image) =>
        EventInput.Read(Street.Pipeline, "camera", "image/png", image, null, out var problem) ?? throw new InvalidOperationException(problem);

    private static List<Fault> Load(string use)
    {
        var faults = new List<Fault>();
        var text = $"apiVersion: lepton.dev/v1\nkind: Pipeline\nmetadata: {{name: street}}\nspec:\n  source: {{kind: image}}\n  tiers:\n    edge:\n      {use}\n    cloud:\n      model: street-cloud/1\n";
        var pipeline = Assert.Single(PipelineReader.Read("street.yaml", text, faults));
        Assert.Null(TierModel.Load(pipeline, "edge", new ModelCatalog(Repository.Repository.Path("workflows"), null), faults));
        return faults;
    }
}
