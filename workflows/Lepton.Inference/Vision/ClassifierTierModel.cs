using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;
using Lepton.Inference.Series;
using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>A model that gives one label to the whole picture.</summary>
internal sealed class ClassifierTierModel : ImageTierModel
{
    private readonly ImageSteps steps;
    private readonly SeriesDecoder decoder;

    private ClassifierTierModel(Pipeline pipeline, string tier, Model model, OnnxModel onnx, ImageSteps steps, SeriesDecoder decoder) : base(pipeline, tier, model, onnx) =>
        (this.steps, this.decoder) = (steps, decoder);

    public static ClassifierTierModel? Create(Pipeline pipeline, string tier, ModelUse use, Model model, OnnxModel onnx, List<Fault> faults)
    {
        var steps = ImageSteps.Compile(use, onnx);
        var decoder = SeriesDecoder.Create(model, onnx, faults);
        return steps is null || decoder is null ? null : new ClassifierTierModel(pipeline, tier, model, onnx, steps, decoder);
    }

    protected override TierAnswer Answer(string device, Mat picture, OnnxLane lane)
    {
        steps.Fill(picture, lane.Input(0, 0));
        lane.Run(1);
        return decoder.Decode(this, lane, 0);
    }
}
