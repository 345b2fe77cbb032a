using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>A tier of an image pipeline. Frames are answered one by one: batching images gained nothing on a processor.</summary>
internal abstract class ImageTierModel(Pipeline pipeline, string tier, Model model, OnnxModel onnx) : TierModel(pipeline, tier, model)
{
    /// <summary>Makes the tier that the model's decoder asks for; null with faults when that is impossible.</summary>
    public static TierModel? Load(Pipeline pipeline, string tier, ModelUse use, FoundModel found, List<Fault> faults)
    {
        if (VisionRuntime.Report(use.Options, "model"))
        {
            return null;
        }
        var before = faults.Count;
        if (OnnxModel.Load(found, faults) is not { } onnx)
        {
            return null;
        }
        ImageTierModel? made = found.Model.Decoder switch
        {
            "yolox" or "fastestdet" => DetectorTierModel.Create(pipeline, tier, use, found.Model, onnx),
            "motion" => MotionTierModel.Create(pipeline, tier, use, found.Model, onnx),
            "probabilities" or "logits" => ClassifierTierModel.Create(pipeline, tier, use, found.Model, onnx, faults),
            _ => null,
        };
        if (made is null && faults.Count == before)
        {
            found.Model.Options.Report("decoder", $"is '{found.Model.Decoder}', which reads no image model", "use one of yolox, fastestdet, motion, probabilities, logits");
        }
        if (made is null || faults.Count > before)
        {
            onnx.Dispose();
            return null;
        }
        return made;
    }

    /// <inheritdoc/>
    public sealed override TierAnswer[] Answer(ReadOnlySpan<EventInput> events)
    {
        var answers = new TierAnswer[events.Length];
        var lane = onnx.Rent();
        for (var i = 0; i < events.Length; i++)
        {
            using var picture = Picture.Decode(events[i].Data.Span, out var problem);
            try
            {
                answers[i] = picture is null ? new TierAnswer(null, problem) : Answer(events[i].Device, picture, lane);
            }
            catch (OnnxRuntimeException error)
            {
                answers[i] = new TierAnswer(null, $"model '{Model.Id}' failed: {error.Message.ReplaceLineEndings(" ")}; try it with `lepton doctor`");
            }
            catch (Exception error) when (error is OpenCVException or ArgumentException)
            {
                answers[i] = new TierAnswer(null, $"the picture of '{events[i].Device}' ({picture?.Width}x{picture?.Height}) could not be prepared for model '{Model.Id}': {error.Message.ReplaceLineEndings(" ")}; send another size");
            }
        }
        onnx.Return(lane);
        return answers;
    }

    /// <summary>Answers one decoded frame.</summary>
    protected abstract TierAnswer Answer(string device, Mat picture, OnnxLane lane);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => onnx.Dispose();
}
