using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;
using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>
/// The cheapest way to see: what differs from the camera's own background is cut out, and a small net says what each piece is and where it ends.
/// The model takes `crops` (blue, green, red, motion) and `measures`, and gives `scores` (its labels, then `unclear` and `nothing`) and `boxes`.
/// </summary>
internal sealed class MotionTierModel : ImageTierModel
{
    private const int Extra = 2;

    private readonly FrameAnswer frame;
    private readonly MotionBlobs motions = new();
    private readonly int labels, crops, measures, scores, boxes, most;
    private readonly float overlap;

    private MotionTierModel(Pipeline pipeline, string tier, Model model, OnnxModel onnx, FrameAnswer frame) : base(pipeline, tier, model, onnx)
    {
        (this.frame, labels, most) = (frame, model.Labels.Count, onnx.Batch);
        (crops, measures) = (Of(onnx.Inputs, "crops"), Of(onnx.Inputs, "measures"));
        (scores, boxes) = (Of(onnx.Outputs, "scores"), Of(onnx.Outputs, "boxes"));
        overlap = (float)model.Options.Number("overlap", 0.5, 0, 1);
    }

    public static MotionTierModel? Create(Pipeline pipeline, string tier, ModelUse use, Model model, OnnxModel onnx)
    {
        var frame = FrameAnswer.Read(use, model);
        (Tensor[] All, string Name, int Length)[] needed =
        [
            (onnx.Inputs, "crops", BlobCrops.Channels * BlobCrops.Height * BlobCrops.Width), (onnx.Inputs, "measures", BlobCrops.Measures),
            (onnx.Outputs, "scores", model.Labels.Count + Extra), (onnx.Outputs, "boxes", 4),
        ];
        foreach (var (all, name, length) in needed)
        {
            if (Of(all, name) is var at && (at < 0 || all[at].Length != length))
            {
                model.Options.Report("decoder", $"is 'motion', which needs a tensor '{name}' of {length} numbers a blob, and the model has {string.Join(", ", all.Select(tensor => $"{tensor.Name} of {tensor.Length}"))}",
                    "name one label for each score but the last two, or train the model as apps/Lepton.Trainer/Street/train_edge.py does");
                return null;
            }
        }
        return new MotionTierModel(pipeline, tier, model, onnx, frame);
    }

    protected override TierAnswer Answer(string device, Mat picture, OnnxLane lane)
    {
        using var motion = motions.Find(device, picture);
        var found = new List<Detection>();
        var sure = motion.Settled ? 1.0 : 0;
        for (var first = 0; first < motion.Blobs.Count; first += most)
        {
            var rows = Math.Min(most, motion.Blobs.Count - first);
            for (var row = 0; row < rows; row++)
            {
                BlobCrops.Write(picture, motion, motion.Blobs[first + row], lane.Input(crops, row));
                BlobCrops.Measure(picture, motion, motion.Blobs[first + row], lane.Input(measures, row));
            }
            lane.Run(rows);
            for (var row = 0; row < rows; row++)
            {
                sure *= Read(lane, row, motion.Blobs[first + row], picture, found);
            }
        }
        Suppression.Keep(found, overlap, perLabel: false);
        sure *= found.Count == 0 ? 1 - frame.Doubt.Empty : 1;
        return new TierAnswer(frame.Of(this, found, 1 - sure), null);
    }

    protected override void Dispose(bool disposing)
    {
        motions.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Adds the blob's box if it is one; returns the chance that what is said of the blob is right.</summary>
    private double Read(OnnxLane lane, int row, Rect blob, Mat picture, List<Detection> found)
    {
        var chances = lane.Output(scores, row);
        var (label, score) = (0, chances[0]);
        for (var i = 1; i < labels; i++)
        {
            (label, score) = chances[i] > score ? (i, chances[i]) : (label, score);
        }
        var (unclear, nothing) = (chances[labels], chances[labels + 1]);
        if (nothing > score && nothing > unclear)
        {
            return frame.Doubt.RightAt(nothing);
        }
        if (frame.Wants(label) && score >= frame.Doubt.Keep)
        {
            var shift = lane.Output(boxes, row);
            var (width, height) = (blob.Width * MathF.Exp(Math.Clamp(shift[2], -2, 2)), blob.Height * MathF.Exp(Math.Clamp(shift[3], -2, 2)));
            var (x, y) = (blob.X + blob.Width / 2f + shift[0] * blob.Width - width / 2, blob.Y + blob.Height / 2f + shift[1] * blob.Height - height / 2);
            found.Add(new Framing(1, 1, picture.Width, picture.Height).Back(new Detection(x, y, width, height, score, label)));
        }
        return frame.Doubt.RightAt(score);
    }

    private static int Of(Tensor[] tensors, string name) => Array.FindIndex(tensors, tensor => tensor.Name == name);
}
