using Lepton.Cli.Gates.Benchmark;
using Lepton.Decisions.Drift;

namespace Lepton.Tests.Decisions.Drift;

public sealed class DriftTests
{
    [Fact]
    public void The_distance_is_the_largest_gap_between_the_distributions()
    {
        var random = new Random(1);
        for (var run = 0; run < 50; run++)
        {
            float[] a = [.. Enumerable.Range(0, 40).Select(_ => (float)random.Next(12)).Order()], b = [.. Enumerable.Range(0, 25).Select(_ => (float)random.Next(3, 15)).Order()];
            var brute = Enumerable.Range(0, 16).Max(x => Math.Abs((a.Count(v => v <= x) / 40.0) - (b.Count(v => v <= x) / 25.0)));
            Assert.Equal(brute, KolmogorovSmirnov.Distance(a, b), 1e-9);
        }
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(1, 1.4)]
    public void A_shift_is_found_within_600_events(double hard, double noise)
    {
        var delays = new List<int>();
        for (var seed = 0; seed < 11; seed++)
        {
            var stream = new ScoreStream(10, seed);
            var watch = new DriftWatch(447);
            var found = 4000;
            for (var i = 0; i < 8000 && found == 4000; i++)
            {
                if (i == 4000)
                {
                    (stream.HardWeight, stream.Noise) = (hard, noise);
                }

                var sample = stream.Next();
                if (watch.Observe(sample.Doubt, sample.Inputs) != DriftAlarm.None && i >= 4000)
                {
                    found = i - 4000;
                }
            }

            delays.Add(found);
        }

        Assert.InRange(delays.Order().ElementAt(5), 1, 600);
    }

    [Fact]
    public void Novelty_sees_what_the_doubt_does_not()
    {
        var stream = new ScoreStream(10, 3);
        var watch = new DriftWatch(300, 300);
        DriftAlarm alarm = DriftAlarm.None;
        for (var i = 0; i < 2000 && alarm == DriftAlarm.None; i++)
        {
            alarm = watch.Observe(0.1 + (i % 10 * 0.01), [(float)stream.Normal() * (i > 1000 ? 3 : 1)]);
        }

        Assert.Equal(DriftAlarm.Novelty, alarm);
    }

    [Fact]
    public void A_restarted_watch_gathers_anew_and_a_resumed_one_does_not()
    {
        var watch = new DriftWatch(100, 100);
        void Feed(DriftWatch to, double doubt, int count)
        {
            for (var i = 0; i < count; i++)
            {
                to.Observe(doubt + (i % 7 * 0.01), [i % 5]);
            }
        }

        Feed(watch, 0.2, 100);
        var (doubts, novelties) = watch.Reference;
        Assert.Equal((100, 100), (doubts.Length, novelties.Length));
        var resumed = new DriftWatch(100, 100);
        resumed.Resume(doubts, novelties, Novelty.Restore([.. watch.Scale!.Medians], [.. watch.Scale.Scales], watch.Scale.Limit));
        Feed(resumed, 0.8, 99);
        Assert.Equal(DriftAlarm.Doubt, resumed.Observe(0.8, [1]));
        resumed.Restart();
        Assert.Empty(resumed.Reference.Doubts);
        Feed(resumed, 0.8, 250);
        Assert.Equal(DriftAlarm.None, resumed.Observe(0.8, [1]));
    }

    [Fact]
    public void Inputs_that_are_no_numbers_or_too_few_are_not_known()
    {
        var scale = Novelty.Learn([[1, 5], [2, 5], [3, 5]])!;
        Assert.Equal(0, scale.Of([2, 5]), 1e-9);
        Assert.Equal(5 / Math.Sqrt(2), scale.Of([2, 6]), 1e-6);
        Assert.True(double.IsNaN(scale.Of([float.NaN, 5])));
        Assert.True(double.IsNaN(scale.Of([1])));
        Assert.Null(Novelty.Learn([]));
    }

    [Fact]
    public void The_breaker_bounds_the_mean_loss_of_any_sequence()
    {
        const double Alpha = 0.02, Step = Alpha / 4;
        var random = new Random(1);
        Func<int, bool, bool>[] adversaries = [(_, _) => true, (i, _) => i > 3000, (i, _) => i % 40 == 0, (_, _) => random.NextDouble() < 0.1, (_, open) => open];
        foreach (var wrong in adversaries)
        {
            var track = LossTrack.Start(Alpha);
            var losses = 0;
            for (var i = 1; i <= 6000; i++)
            {
                // While the breaker is open nothing is accepted, so that nothing is lost.
                var lost = !track.Open && wrong(i, !track.Open);
                losses += lost ? 1 : 0;
                track = track.Next(lost, Alpha, Step);
                Assert.True(losses <= (Alpha * i) + 1 + (Alpha / Step), $"{losses} of {i}");
            }
        }
    }

    [Fact]
    public void Harm_is_proven_when_it_is_there_and_not_when_it_is_not()
    {
        var random = new Random(2);
        int? Proven(double risk, int labels)
        {
            var track = LossTrack.Start(0.02);
            for (var i = 0; i < labels; i++)
            {
                track = track.Next(random.NextDouble() < risk, 0.02, 0.005);
                if (track.Harm)
                {
                    return i;
                }
            }

            return null;
        }

        // 400 labels are what a stream of 8000 events has at epsilon 0.05.
        Assert.InRange(Enumerable.Range(0, 200).Count(_ => Proven(0.015, 400) is not null), 0, 4);
        Assert.All(Enumerable.Range(0, 20), _ => Assert.InRange(Proven(0.2, 5000) ?? 5000, 1, 200));
    }
}
