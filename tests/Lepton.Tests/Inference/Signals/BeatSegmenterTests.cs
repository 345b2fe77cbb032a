using Lepton.Inference.Signals;

namespace Lepton.Tests.Inference.Signals;

public sealed class BeatSegmenterTests
{
    [Fact]
    public void Puts_the_peak_at_the_same_place_at_any_rate()
    {
        foreach (var rate in (double[])[360, 250, 500])
        {
            var lead = new float[(int)(4 * rate)];
            var peaks = new[] { (int)rate, (int)(2 * rate), (int)(3 * rate) };
            Array.ForEach(peaks, peak => lead[peak] = 1);
            var beats = BeatSegmenter.Segment(new Recording("x", rate, [lead], ["MLII"], []), peaks).ToArray();
            Assert.Equal(3, beats.Length);
            Assert.All(beats, beat => Assert.Equal(108, Array.IndexOf(beat.Leads[0], beat.Leads[0].Max())));
            Assert.All(beats, beat => Assert.Equal(BeatSegmenter.WindowLength, beat.Leads[0].Length));
        }
    }

    [Fact]
    public void An_early_beat_stands_out_from_the_intervals_before_it()
    {
        int[] peaks = [360, 720, 1080, 1440, 1620, 2160];
        var beats = BeatSegmenter.Segment(new Recording("x", 360, [new float[3600]], ["MLII"], []), peaks).ToArray();
        var early = beats[4].Timing;
        Assert.Equal((4.5, 0.5, 1.5, 1, 1, 1, 0), (early.At, early.Previous, early.Next, early.Before, early.Local, early.Mean, early.Spread));
        Assert.Equal(beats[5].Timing.Previous, beats[5].Timing.Next);
    }
}
