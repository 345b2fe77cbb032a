using Lepton.Cli.Gates.Benchmark;
using Lepton.Decisions.Gates;

namespace Lepton.Tests.Decisions.Gates;

public sealed class HeadFitTests
{
    [Fact]
    public void A_head_learns_the_weights_that_made_the_errors()
    {
        // Two scores of a model that says nothing, and one input that decides.
        var random = new Random(1);
        HeadSample[] samples =
        [
            .. Enumerable.Range(0, 6000).Select(_ => (float)((random.NextDouble() * 4) - 2))
                .Select(x => new HeadSample(Scores.Read([0.6, 0.4], ScoreKind.Margin), [x], random.NextDouble() < 1 / (1 + Math.Exp(-((1.5 * x) - 0.5))))),
        ];
        var head = HeadFit.Fit(samples, 2)!;
        Assert.Equal(1.5, head.Weights[^1], 0.1);
        Assert.Equal(1 / (1 + Math.Exp(-1)), head.Probability(samples[0].Reading, [1]), 0.03);
    }

    [Fact]
    public void A_head_is_taken_when_it_saves_escalations_and_left_when_it_does_not()
    {
        var verdict = Choose(Samples(2000, 2, informative: true), 10);
        Assert.Equal(HeadKind.Logistic, verdict.Kind);
        Assert.NotNull(verdict.Logistic);
        Assert.True(verdict.Gain > 0.2, $"{verdict.Gain}");

        // Two classes have one doubt only, whichever way it is told.
        verdict = Choose(Samples(2000, 3, informative: false, classes: 2), 2);
        Assert.Equal(HeadKind.None, verdict.Kind);
        Assert.True(verdict.Gain < HeadFit.LeastGain, $"{verdict.Gain}");
    }

    [Fact]
    public void A_boosted_head_is_taken_when_it_saves_more_than_the_others()
    {
        var samples = Samples(2000, 2, informative: true);
        double[] knowing = [.. samples.Where((_, i) => i % 3 == 0).Select(sample => sample.Wrong ? 1.0 : 0)];
        Assert.Equal((HeadKind.Boosted, null), (Choose(samples, 10, knowing).Kind, Choose(samples, 10, knowing).Logistic));
        Assert.Equal(HeadKind.Logistic, Choose(samples, 10, [.. knowing.Select(_ => 0.5)]).Kind);
    }

    [Fact]
    public void Nothing_can_be_fitted_without_both_outcomes()
    {
        Assert.Null(HeadFit.Fit([.. Samples(100, 4, false).Select(sample => sample with { Wrong = false })], 10));
        Assert.Null(HeadFit.Fit([.. Samples(100, 4, false).Select(sample => sample with { Wrong = true })], 10));
    }

    [Fact]
    public void Inputs_that_are_missing_or_no_numbers_are_never_accepted()
    {
        var head = HeadFit.Fit(Samples(500, 5, true), 10)!;
        var reading = Samples(1, 6, true)[0].Reading;
        Assert.True(double.IsNaN(head.Probability(reading, [])));
        Assert.True(double.IsNaN(head.Probability(reading, [float.NaN, 0, 0, 0])));
        Assert.False(double.IsNaN(head.Probability(reading with { First = 1, Second = 0 }, [0, 0, 0, 0])));
    }

    [Fact]
    public void A_gate_with_a_head_keeps_its_risk_and_escalates_less()
    {
        var head = HeadFit.Fit(Samples(2000, 7, true), 10)!;
        var calibration = Samples(2000, 8, true);
        var test = Samples(20_000, 9, true);
        (double Escalated, double Risk) Run(Func<HeadSample, double> doubt)
        {
            var threshold = Calibration.Of(calibration.Length, [.. calibration.Where(sample => sample.Wrong).Select(doubt).Order()], new Guarantee(0.02)).Threshold;
            return (test.Count(sample => !(doubt(sample) < threshold)) / 20_000.0, test.Count(sample => sample.Wrong && doubt(sample) < threshold) / 20_000.0);
        }

        var (plain, plainRisk) = Run(sample => sample.Reading.Doubt);
        var (byHead, headRisk) = Run(sample => head.Probability(sample.Reading, sample.Inputs));
        Assert.True(plainRisk <= 0.02 && headRisk <= 0.02, $"{plainRisk} {headRisk}");
        Assert.True(byHead < 0.85 * plain, $"{byHead} {plain}");
    }

    private static HeadVerdict Choose(HeadSample[] samples, int classes, double[]? boosted = null) =>
        HeadFit.Choose([.. samples.Where((_, i) => i % 3 != 0)], [.. samples.Where((_, i) => i % 3 == 0)], classes, 0.02, boosted);

    // When informative, most errors happen where the first input is large.
    private static HeadSample[] Samples(int count, int seed, bool informative, int classes = 10)
    {
        var stream = new ScoreStream(classes, seed);
        return
        [
            .. Enumerable.Range(0, count).Select(_ => stream.Next()).Select(sample =>
            {
                var wrong = sample.Predicted != sample.Reference;
                var inputs = sample.Inputs;
                inputs[0] += informative && wrong ? 2.5f : 0;
                return new HeadSample(Scores.Read(sample.Scores, ScoreKind.Margin), inputs, wrong);
            }),
        ];
    }
}
