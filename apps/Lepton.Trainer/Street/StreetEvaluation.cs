using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Inference.Sources.Street;
using Lepton.Inference.Vision;

namespace Lepton.Trainer.Street;

/// <summary>The serving path without the runtime: rendered frames as JPEG, admission, edge, cloud, escalation. Seeds that no model was trained on.</summary>
internal static class StreetEvaluation
{
    private const int FramesPerStreet = 150, Warm = 15;
    private const double FramesPerSecond = 2.5;

    public static int Run(string resources, int firstSeed, int streets, double? threshold)
    {
        var faults = new List<Fault>();
        var file = Path.Combine(resources, "pipelines", "street.yaml");
        var pipeline = PipelineReader.Read(file, File.ReadAllText(file), faults) is [var only] ? only : throw new InvalidDataException(string.Join('\n', faults));
        var catalog = new ModelCatalog(resources, null);
        using var cloud = TierModel.Load(pipeline, "cloud", catalog, faults) ?? throw new InvalidDataException(string.Join('\n', faults));
        var frames = new List<ScoredFrame>();
        for (var seed = firstSeed; seed < firstSeed + streets; seed++)
        {
            // A new edge for each street, as after a restart: learning the background is part of its work.
            using var edge = TierModel.Load(pipeline, "edge", catalog, faults) ?? throw new InvalidDataException(string.Join('\n', faults));
            using var street = new StreetScene(seed, 1, FramesPerSecond);
            for (var i = 0; i < FramesPerStreet; i++)
            {
                var frame = street.Next();
                EventInput[] one = [EventInput.Read(pipeline, $"street-{seed}", "image/jpeg", frame.Jpeg, null, out var problem) ?? throw new InvalidDataException(problem)];
                frames.Add(new ScoredFrame(Truth(frame.Objects), edge.Answer(one)[0].Answer!, cloud.Answer(one)[0].Answer!, frame.Night, i < Warm));
            }
        }
        Print(pipeline, frames, threshold ?? 0.3);
        return 0;
    }

    private static TrueBox[] Truth(IReadOnlyList<SceneObject> objects) =>
        [.. objects.Select(seen => new TrueBox(seen.Label, seen.X, seen.Y, seen.Width, seen.Height, seen.Visible < StreetScene.CountsFrom))];

    private static void Print(Pipeline pipeline, List<ScoredFrame> frames, double gate)
    {
        Console.WriteLine($"{frames.Count} frames. Right: every object found (its label, half overlapped) and no false box. Recall: objects found. Boxes: objects found among objects and false boxes. Clean: frames without a false box.");
        Console.WriteLine($"{"",-24}{"escalated",10}{"right",8}{"recall",8}{"boxes",8}{"clean",8}");
        Line("edge alone", frames, _ => false);
        Line("cloud alone", frames, _ => true);
        Line($"final, from {gate:0.##}", frames, frame => frame.Edge.Uncertainty >= gate);
        foreach (var other in new[] { 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9 })
        {
            Line($"  if from {other:0.##}", frames, frame => frame.Edge.Uncertainty >= other);
        }
        foreach (var (name, some) in new[] { ("day", frames.Where(frame => !frame.Night)), ("night", frames.Where(frame => frame.Night)), ("after warm-up", frames.Where(frame => !frame.Warming)) })
        {
            Line($"{name}: edge alone", [.. some], _ => false);
            Line($"{name}: cloud alone", [.. some], _ => true);
            Line($"{name}: final", [.. some], frame => frame.Edge.Uncertainty >= gate);
        }
        Console.WriteLine($"{"F1 at half overlap",-24}{"edge",10}{"cloud",8}{"final",8}");
        foreach (var label in frames.SelectMany(frame => frame.Truth).Select(seen => seen.Label).Distinct().Order(StringComparer.Ordinal))
        {
            Console.WriteLine($"{label,-24}{F1(label, frames, _ => false),10:0.000}{F1(label, frames, _ => true),8:0.000}{F1(label, frames, frame => frame.Edge.Uncertainty >= gate),8:0.000}");
        }
        Console.WriteLine($"truth: {frames.Sum(frame => frame.Truth.Count(seen => !seen.Hidden)) / (double)frames.Count:0.00} objects a frame; pipeline {pipeline.Name}");
    }

    private static void Line(string name, List<ScoredFrame> frames, Func<ScoredFrame, bool> escalate)
    {
        var all = frames.ConvertAll(frame => FrameMatch.Of((escalate(frame) ? frame.Cloud : frame.Edge).Boxes!, frame.Truth));
        var objects = Math.Max(1, all.Sum(match => match.Objects));
        Console.WriteLine($"{name,-24}{Share(frames.Count(escalate)),10:0.0%}{Share(all.Count(match => match.Right)),8:0.000}{all.Sum(match => match.Found) / (double)objects,8:0.000}{all.Sum(match => match.Found) / (double)(objects + all.Sum(match => match.False)),8:0.000}{Share(all.Count(match => match.False == 0)),8:0.000}");

        double Share(int count) => count / (double)Math.Max(1, frames.Count);
    }

    private static double F1(string label, List<ScoredFrame> frames, Func<ScoredFrame, bool> escalate)
    {
        var (found, objects, wrong) = (0, 0, 0);
        foreach (var frame in frames)
        {
            var boxes = (escalate(frame) ? frame.Cloud : frame.Edge).Boxes!.Where(box => box.Label == label).ToArray();
            var match = FrameMatch.Of(boxes, [.. frame.Truth.Where(seen => seen.Label == label || seen.Hidden)]);
            // Hidden ones of another label were let in to excuse boxes only.
            (found, objects, wrong) = (found + match.Found, objects + match.Objects, wrong + match.False);
        }
        return 2.0 * found / Math.Max(1, objects + found + wrong);
    }

    private sealed record ScoredFrame(TrueBox[] Truth, Answer Edge, Answer Cloud, bool Night, bool Warming);
}
