using System.Text.Json;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Inference.Signals;

namespace Lepton.Tests.Inference;

public sealed class EcgModelTests : IDisposable
{
    private readonly Pipeline _pipeline;
    private readonly TierModel _edge, _cloud;

    public EcgModelTests()
    {
        var faults = new List<Fault>();
        var pipelines = PipelineReader.Read("ecg.yaml", Repository.Repository.Read("workflows/pipelines/ecg.yaml"), faults);
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        var catalog = new ModelCatalog(Repository.Repository.Path("workflows"), null);
        _pipeline = pipelines[0];
        _edge = TierModel.Load(_pipeline, "edge", catalog, faults)!;
        _cloud = TierModel.Load(_pipeline, "cloud", catalog, faults)!;
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void Serving_says_what_the_training_script_said()
    {
        using var cases = JsonDocument.Parse(Repository.Repository.Read("tests/data/ecg-vectors.json"));
        foreach (var one in cases.RootElement.EnumerateArray())
        {
            var r = Numbers(one, "rhythm");
            var payload = JsonSerializer.SerializeToUtf8Bytes(new
            {
                signals = new { lead1 = Numbers(one, "lead1"), lead2 = Numbers(one, "lead2") },
                values = new { at = 1, rrPrevious = r[0], rrNext = r[1], rrBefore = r[2], rrLocal = r[3], rrMean = r[4], rrSpread = r[5] },
            });
            // The first case is a patient without a baseline: absent must mean zeros.
            var usual = Numbers(one, "usual1");
            var baseline = usual.All(sample => sample == 0) ? null : new Dictionary<string, float[]> { ["lead1"] = usual, ["lead2"] = Numbers(one, "usual2") };
            var input = EventInput.Read(_pipeline, "d", "application/json", payload, baseline, out var problem);
            Assert.True(input is not null, problem);
            Compare(_edge, input, Numbers(one, "edge"));
            Compare(_cloud, input, Numbers(one, "cloud"));
        }

        static void Compare(TierModel tier, EventInput input, float[] expected)
        {
            var scores = tier.Answer([input])[0].Answer!.Scores!;
            Assert.All(expected.Index(), pair => Assert.Equal(pair.Item, scores[pair.Index], 1e-4));
        }
    }

    [Fact]
    public void Models_keep_to_their_size()
    {
        Assert.InRange(new FileInfo(Repository.Repository.Path("workflows/models/ecg-edge/1/model.onnx")).Length, 1, 50_000);
        Assert.InRange(new FileInfo(Repository.Repository.Path("workflows/models/ecg-cloud/1/model.onnx")).Length, 1, 1_000_000);
    }

    [Fact]
    public void Simulated_patients_are_told_apart_well_enough_to_show_the_way()
    {
        var (right, escalated, all) = (0, 0, 0);
        for (var patient = 1; patient <= 8; patient++)
        {
            var recording = EcgSimulator.Record(1, patient, TimeSpan.FromMinutes(3));
            var peaks = PeakDetector.Detect(recording.Leads[0], recording.Rate);
            var match = BeatMatcher.Match(peaks, recording.Annotations, recording.Rate);
            var events = BeatSegmenter.Segment(recording, peaks)
                .Select(beat => EventInput.Read(_pipeline, recording.Name, "application/json", BeatJson.Write(beat), null, out _)!).ToArray();
            var answers = _edge.Answer(events);
            foreach (var (answer, index) in answers.Zip(match).Where(pair => pair.Second >= 0))
            {
                all++;
                right += answer.Answer!.Label == BeatClasses.Label(BeatClasses.Of(recording.Annotations[index].Symbol)!.Value) ? 1 : 0;
                escalated += answer.Answer.Scores!.Max() < 0.75 ? 1 : 0;
            }
        }
        Assert.True(right >= 0.85 * all, $"{right} of {all} simulated beats are right at the edge");
        Assert.InRange(escalated, 0.01 * all, 0.45 * all);
    }

    public void Dispose()
    {
        _edge.Dispose();
        _cloud.Dispose();
    }

    private static float[] Numbers(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];
}
