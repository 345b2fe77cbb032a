using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Gates;
using Lepton.Inference;
using Lepton.Inference.Sources.Street;
using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Trainer.Streams;

// Frames through the street pipeline's own tiers, as the node runs them. Edge and cloud disagree about a frame when too many of their boxes have no counterpart.
internal static class FrameStream
{
    // Of all boxes on both sides, the share that may stand alone.
    internal const double Tolerance = 0.25;
    private const int Streets = 14, FramesPerStreet = 150, EveryFrame = 2;
    private static readonly string[] Endings = [".avi", ".mp4", ".gif"];

    internal static ScoreWriter Rendered(string folder, string resources)
    {
        var writer = ScoreWriter.OfDoubts(folder, "street", 2, "rendered frames; our own models");
        Run(resources, null, writer, Enumerable.Range(1, Streets).Select(seed => ($"street-{seed}", Rendered(seed))));
        return writer;
    }

    internal static ScoreWriter Clips(string folder, string resources, string data)
    {
        var clips = Directory.EnumerateFiles(Path.Combine(data, "traffic")).Where(file => Endings.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal);
        var writer = ScoreWriter.OfDoubts(folder, "clips", 2, "frames of real clips; FastestDet against YOLOX");
        Run(resources, data, writer, clips.Select(clip => (Path.GetFileNameWithoutExtension(clip), Frames(clip))));
        return writer;
    }

    private static IEnumerable<byte[]> Rendered(int seed)
    {
        using var street = new StreetScene(seed, 1, 2.5);
        for (var i = 0; i < FramesPerStreet; i++)
        {
            yield return street.Next().Jpeg;
        }
    }

    private static IEnumerable<byte[]> Frames(string clip)
    {
        using var video = new VideoCapture(clip);
        using var picture = new Mat();
        for (var i = 0; video.Read(picture); i++)
        {
            if (i % EveryFrame == 0)
            {
                yield return picture.ImEncode(".jpg");
            }
        }
    }

    private static void Run(string resources, string? data, ScoreWriter writer, IEnumerable<(string Name, IEnumerable<byte[]> Frames)> cameras)
    {
        var faults = new List<Fault>();
        var file = Path.Combine(resources, "pipelines", "street.yaml");
        var pipeline = PipelineReader.Read(file, File.ReadAllText(file), faults) is [var only] ? only : throw new InvalidDataException(string.Join('\n', faults));
        var catalog = new ModelCatalog(resources, data);
        TierModel Load(string tier) => TierModel.Load(pipeline, tier, catalog, faults) ?? throw new InvalidDataException(string.Join('\n', faults));
        using var cloud = Load("cloud");
        foreach (var (name, frames) in cameras)
        {
            // A new edge for each camera: its background is learned anew.
            using var edge = Load("edge");
            var i = 0;
            foreach (var jpeg in frames)
            {
                EventInput[] one = [EventInput.Read(pipeline, name, "image/jpeg", jpeg, null, out var problem) ?? throw new InvalidDataException(problem)];
                Answer below = edge.Answer(one)[0].Answer!, above = cloud.Answer(one)[0].Answer!;
                var boxes = below.Boxes!;
                writer.Add($"{name}-{i++}", below.Uncertainty!.Value, [boxes.Length, boxes.Length == 0 ? 1 : (float)boxes.Average(box => box.Score)], jpeg.Length, !Disagreement.Between(boxes, above.Boxes!, Tolerance), boxes.Select(box => box.Score));
            }
        }
    }
}
