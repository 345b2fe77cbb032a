using Lepton.Inference.Signals;

namespace Lepton.Tests.Inference.Signals;

public sealed class PeakDetectorTests
{
    [Fact]
    public void Finds_the_beats_of_simulated_patients()
    {
        var (annotated, found, extra) = (0, 0, 0);
        for (var patient = 1; patient <= 12; patient++)
        {
            Count(EcgSimulator.Record(7, patient, TimeSpan.FromMinutes(5)), ref annotated, ref found, ref extra);
        }
        Assert.True(found >= 0.995 * annotated, $"found {found} of {annotated} beats");
        Assert.True(extra <= 0.005 * annotated, $"{extra} extra detections beside {annotated} beats");
    }

    [Fact]
    public void Finds_at_least_995_of_1000_beats_of_real_records()
    {
        var (annotated, found, extra) = (0, 0, 0);
        foreach (var header in RecordingReader.Find(RealRecords.Folder()))
        {
            Count(RecordingReader.Read(header), ref annotated, ref found, ref extra);
        }
        Assert.True(found >= 0.995 * annotated, $"found {found} of {annotated} beats");
        Assert.True(extra <= 0.005 * annotated, $"{extra} extra detections beside {annotated} beats");
    }

    [Theory]
    [InlineData(1.0), InlineData(-1.0), InlineData(0.25), InlineData(4.0)]
    public void Amplitude_and_polarity_do_not_matter(double factor)
    {
        var lead = EcgSimulator.Record(3, 2, TimeSpan.FromMinutes(2)).Leads[0];
        var scaled = lead.Select(sample => (float)(sample * factor)).ToArray();
        Assert.Equal(PeakDetector.Detect(lead, 360), PeakDetector.Detect(scaled, 360));
    }

    [Fact]
    public void A_flat_or_short_lead_has_no_beats()
    {
        Assert.Empty(PeakDetector.Detect(new float[36_000], 360));
        Assert.Empty(PeakDetector.Detect(new float[10], 360));
    }

    private static void Count(Recording recording, ref int annotated, ref int found, ref int extra)
    {
        var peaks = PeakDetector.Detect(recording.Leads[0], recording.Rate);
        var matched = BeatMatcher.Match(peaks, recording.Annotations, recording.Rate).Count(index => index >= 0);
        annotated += recording.Annotations.Count;
        found += matched;
        extra += peaks.Length - matched;
    }
}
