using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;
using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>A detector that sees the whole frame; with `motion: true` it also looks for motion that none of its boxes explains.</summary>
internal sealed class DetectorTierModel : ImageTierModel
{
    private readonly ImageSteps steps;
    private readonly BoxDecoder decoder;
    private readonly FrameAnswer frame;
    private readonly float overlap;
    private readonly bool perLabel;
    private readonly MotionBlobs? motions;

    private DetectorTierModel(Pipeline pipeline, string tier, Model model, OnnxModel onnx, ImageSteps steps, BoxDecoder decoder, FrameAnswer frame, bool motion)
        : base(pipeline, tier, model, onnx)
    {
        (this.steps, this.decoder, this.frame) = (steps, decoder, frame);
        overlap = (float)model.Options.Number("overlap", 0.5, 0, 1);
        perLabel = model.Options.Flag("perLabel", true);
        motions = motion ? new MotionBlobs() : null;
    }

    public static DetectorTierModel? Create(Pipeline pipeline, string tier, ModelUse use, Model model, OnnxModel onnx)
    {
        var steps = ImageSteps.Compile(use, onnx);
        var frame = FrameAnswer.Read(use, model);
        var motion = use.Options.Flag("motion", false);
        if (steps is null)
        {
            return null;
        }
        BoxDecoder? decoder = model.Decoder == "yolox"
            ? new YoloxDecoder(steps.Width, steps.Height, [.. Strides(model)], model.Labels.Count)
            : onnx.Outputs[0].Dimensions is [_, var rows, var columns] ? new FastestDetDecoder(steps.Width, steps.Height, rows, columns, model.Labels.Count) : null;
        if (decoder is null || decoder.Values != onnx.Outputs[0].Length)
        {
            model.Options.Report("decoder", $"is '{model.Decoder}', which for {model.Labels.Count} labels and an input of {steps.Width}x{steps.Height} reads {decoder?.Values ?? 0} numbers, and output '{onnx.Outputs[0].Name}' has {onnx.Outputs[0].Length}",
                "correct `labels` or `strides`, or name another decoder");
            return null;
        }
        return new DetectorTierModel(pipeline, tier, model, onnx, steps, decoder, frame, motion);
    }

    protected override TierAnswer Answer(string device, Mat picture, OnnxLane lane)
    {
        var framing = steps.Fill(picture, lane.Input(0, 0));
        lane.Run(1);
        var found = new List<Detection>();
        decoder.Decode(lane.Output(0, 0), (float)frame.Doubt.Floor, found);
        found.RemoveAll(box => !frame.Wants(box.Label));
        Suppression.Keep(found, overlap, perLabel);
        for (var i = 0; i < found.Count; i++)
        {
            found[i] = framing.Back(found[i]);
        }
        return new TierAnswer(frame.Of(this, found, frame.Doubt.Of(found, Unexplained(device, picture, found))), null);
    }

    protected override void Dispose(bool disposing)
    {
        motions?.Dispose();
        base.Dispose(disposing);
    }

    private int Unexplained(string device, Mat picture, List<Detection> found)
    {
        if (motions is null)
        {
            return 0;
        }
        using var motion = motions.Find(device, picture);
        return motion.Settled ? motion.Blobs.Count(blob => !found.Exists(box => box.Score >= frame.Doubt.Keep && Explains(box, blob))) : 0;
    }

    // A blob is often a part of what moves, or a little more than it: a box that shares half of the blob explains it.
    private static bool Explains(in Detection box, Rect blob)
    {
        var width = Math.Min(box.X + box.Width, blob.Right) - Math.Max(box.X, blob.Left);
        var height = Math.Min(box.Y + box.Height, blob.Bottom) - Math.Max(box.Y, blob.Top);
        return width > 0 && height > 0 && width * height >= 0.5 * blob.Width * blob.Height;
    }

    private static IEnumerable<int> Strides(Model model)
    {
        var strides = model.Options.Numbers("strides");
        return strides.Count == 0 ? [8, 16, 32] : strides.Select(stride => Math.Max(1, (int)stride));
    }
}
