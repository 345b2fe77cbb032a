using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Inference.Signals;

namespace Lepton.Trainer.Ecg;

// The whole serving path without the runtime: detector, events as JSON, steps, ONNX, decoder, the patient's baseline as its twin builds it, escalation.
// With folds, each record is answered by the models that were trained without it.
internal static class EcgEvaluation
{
    internal static int Run(string from, int patients, int seed, string resources, string? folds, double? threshold)
    {
        var faults = new List<Fault>();
        var file = Path.Combine(resources, "pipelines", "ecg.yaml");
        var pipeline = PipelineReader.Read(file, File.ReadAllText(file), faults) is [var only] ? only : throw new InvalidDataException(string.Join('\n', faults));
        var gate = threshold ?? 0.5;
        var foldOf = folds is null ? null : File.ReadLines(Path.Combine(folds, "folds.csv")).Skip(1).Select(line => line.Split(',')).ToDictionary(fields => fields[0], fields => fields[1]);
        var models = new Dictionary<string, (TierModel Edge, TierModel Cloud)>();
        Console.WriteLine($"Escalated from an uncertainty ({pipeline.Gate.Score}) of {gate} on; a missed beat counts as wrong; extra detections are not scored.");
        Console.WriteLine(PatientScores.Header);
        var all = new PatientScores("all");
        foreach (var recording in Recordings(from, patients, seed))
        {
            var home = foldOf is null ? resources
                : foldOf.TryGetValue(recording.Name, out var fold) ? Path.Combine(folds!, fold)
                : throw new InvalidDataException($"Record '{recording.Name}' is in no fold of '{folds}'. Train the folds with it, or leave it out of --from.");
            if (!models.TryGetValue(home, out var tiers))
            {
                var catalog = new ModelCatalog(home, null);
                var (edge, cloud) = (TierModel.Load(pipeline, "edge", catalog, faults), TierModel.Load(pipeline, "cloud", catalog, faults));
                models[home] = tiers = edge is null || cloud is null ? throw new InvalidDataException(string.Join('\n', faults)) : (edge, cloud);
            }
            var scores = Evaluate(pipeline, recording, tiers.Edge, tiers.Cloud, gate);
            Console.WriteLine(scores);
            all.Add(scores);
        }
        Console.WriteLine(all);
        return 0;
    }

    private static IEnumerable<Recording> Recordings(string from, int patients, int seed) => from == "simulator"
        ? Enumerable.Range(1, patients).Select(patient => EcgSimulator.Record(seed, patient, TimeSpan.FromMinutes(30)))
        : RecordingReader.Find(from).Select(RecordingReader.Read);

    private static PatientScores Evaluate(Pipeline pipeline, Recording recording, TierModel edge, TierModel cloud, double gate)
    {
        var peaks = PeakDetector.Detect(recording.Leads[0], recording.Rate);
        var match = BeatMatcher.Match(peaks, recording.Annotations, recording.Rate);
        var events = Admit(pipeline, recording, peaks);
        var (edgeAnswers, cloudAnswers) = (edge.Answer(events), cloud.Answer(events));
        var scores = new PatientScores(recording.Name) { Extra = match.Count(index => index < 0), Detected = peaks.Length };
        for (var i = 0; i < events.Length; i++)
        {
            var (early, late) = (edgeAnswers[i].Answer, cloudAnswers[i].Answer);
            var escalated = early is null || 1 - Math.Abs(early.Scores![0] - early.Scores[1]) >= gate;
            scores.Escalated += escalated ? 1 : 0;
            if (match[i] >= 0)
            {
                var truth = BeatClasses.Label(BeatClasses.Of(recording.Annotations[match[i]].Symbol)!.Value);
                var positive = truth == pipeline.PositiveLabel;
                scores.Edge.Count(positive, early?.Label == truth);
                scores.Cloud.Count(positive, late?.Label == truth);
                scores.Final.Count(positive, (escalated ? late : early)?.Label == truth);
            }
        }
        var found = match.Where(index => index >= 0).ToHashSet();
        foreach (var missed in Enumerable.Range(0, recording.Annotations.Count).Where(index => !found.Contains(index)))
        {
            var positive = BeatClasses.Of(recording.Annotations[missed].Symbol) != BeatClass.Normal;
            scores.Missed++;
            scores.Edge.Count(positive, right: false);
            scores.Cloud.Count(positive, right: false);
            scores.Final.Count(positive, right: false);
        }
        return scores;
    }

    // As the node does it: the payload is parsed from JSON, and the baseline holds the beats up to this one, at most those of the twin's window.
    internal static EventInput[] Admit(Pipeline pipeline, Recording recording, int[] peaks)
    {
        var plan = pipeline.Baseline!;
        var usual = plan.Signals.ToDictionary(signal => signal, _ => new UsualBeat());
        Dictionary<string, float[]>? baseline = null;
        return [.. BeatSegmenter.Segment(recording, peaks).Select(beat =>
        {
            var admitted = EventInput.Read(pipeline, "urn:lepton:device:ecg-" + recording.Name, "application/json", BeatJson.Write(beat), null, out var problem)
                ?? throw new InvalidDataException(problem);
            if (beat.Timing.At < plan.Window.TotalSeconds)
            {
                var index = 0;
                foreach (var name in pipeline.Source.Signals.Keys)
                {
                    usual.GetValueOrDefault(name)?.Add(admitted.Series!.Signals[index]);
                    index++;
                }
                var medians = usual.ToDictionary(pair => pair.Key, pair => pair.Value.Median());
                baseline = medians.Values.Any(median => median is null) ? null : medians.ToDictionary(pair => pair.Key, pair => pair.Value!);
            }
            return admitted with { Baseline = baseline };
        })];
    }
}
