using System.Collections.Concurrent;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Inference.Signals;
using Lepton.Trainer.Ecg;

namespace Lepton.Trainer.Streams;

// Beats of all patients at once, in the order of time, as a ward sends them. The models have seen the patients of their training set: their risk is a little too good.
internal static class EcgStream
{
    private const int Rhythm = 6;

    internal static ScoreWriter Write(string folder, string resources, string records)
    {
        var faults = new List<Fault>();
        var file = Path.Combine(resources, "pipelines", "ecg.yaml");
        var pipeline = PipelineReader.Read(file, File.ReadAllText(file), faults) is [var only] ? only : throw new InvalidDataException(string.Join('\n', faults));
        var catalog = new ModelCatalog(resources, null);
        TierModel Load(string tier) => TierModel.Load(pipeline, tier, catalog, faults) ?? throw new InvalidDataException(string.Join('\n', faults));
        using TierModel edge = Load("edge"), cloud = Load("cloud");
        var beats = new ConcurrentBag<(double At, string Id, double[] Scores, float[] Inputs, long Bytes, int Reference, int Truth)>();
        Parallel.ForEach(RecordingReader.Find(records), header =>
        {
            var recording = RecordingReader.Read(header);
            var peaks = PeakDetector.Detect(recording.Leads[0], recording.Rate);
            var match = BeatMatcher.Match(peaks, recording.Annotations, recording.Rate);
            var events = EcgEvaluation.Admit(pipeline, recording, peaks);
            var segments = BeatSegmenter.Segment(recording, peaks).ToArray();
            var (early, late) = (edge.Answer(events), cloud.Answer(events));
            for (var i = 0; i < events.Length; i++)
            {
                // An extra detection has no truth; it counts as what the cloud says, since the gate is held against that.
                var reference = Array.IndexOf(late[i].Answer!.Labels!, late[i].Answer!.Label);
                var truth = match[i] < 0 ? reference : Array.IndexOf(late[i].Answer!.Labels!, BeatClasses.Label(BeatClasses.Of(recording.Annotations[match[i]].Symbol)!.Value));
                var timing = segments[i].Timing;
                float[] rhythm = [(float)timing.Previous, (float)timing.Next, (float)timing.Before, (float)timing.Local, (float)timing.Mean, (float)timing.Spread];
                beats.Add((timing.At, $"{recording.Name}-{segments[i].Sample}", early[i].Answer!.Scores!, rhythm, BeatJson.Write(segments[i]).Length, reference, truth));
            }
        });
        var writer = ScoreWriter.OfClasses(folder, "ecg", 2, Rhythm, "beats of 18 patients at once; the models were trained on most of them");
        foreach (var (_, id, scores, inputs, bytes, reference, truth) in beats.OrderBy(beat => beat.At).ThenBy(beat => beat.Id, StringComparer.Ordinal))
        {
            writer.Add(id, scores, inputs, bytes, reference, truth);
        }

        return writer;
    }
}
