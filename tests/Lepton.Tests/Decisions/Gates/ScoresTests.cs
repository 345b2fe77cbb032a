using Lepton.Contracts.Events;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Tests.Decisions.Gates;

public sealed class ScoresTests
{
    private static readonly double[][] Malformed =
    [
        [], [1], [double.NaN, 1, 0], [double.PositiveInfinity, 0, 0], [double.NegativeInfinity, 1, 0], [-0.01, 0.51, 0.5], [1.01, 0, 0], [0.5, 0.5, 0.5], [0.2, 0.2, 0.2],
        [0.5, 0.5], [0.25, 0.25, 0.25, 0.25], [0, 0, 0], [double.NaN, double.NaN, double.NaN], [1e308, -1e308, 1],
    ];

    [Fact]
    public void Malformed_scores_are_never_accepted() => Assert.All(Malformed, scores =>
    {
        var ruling = OpenGate().Decide(new Salt("s"), "event", scores);
        Assert.False(ruling.Accepts);
        Assert.Equal("invalidScores", ReasonNames.Of(ruling.Reasons)[0]);
        Assert.Equal(Designation.None, ruling.Designation);
    });

    [Fact]
    public void A_gate_that_is_open_accepts_what_is_well_formed() => Assert.True(OpenGate().Decide(new Salt("s"), "event", [0.9, 0.1, 0]).Accepts);

    [Fact]
    public void Doubts_have_their_textbook_values()
    {
        double[] scores = [0.2, 0.7, 0.1];
        Assert.Equal(0.5, Scores.Read(scores, ScoreKind.Margin).Doubt, 1e-6);
        Assert.Equal(0.3, Scores.Read(scores, ScoreKind.Top).Doubt, 1e-6);
        Assert.Equal(0.801819 / Math.Log(3), Scores.Read(scores, ScoreKind.Entropy).Doubt, 1e-5);
        Assert.Equal(1, Scores.Read(scores, ScoreKind.Margin).Predicted);
        Assert.Equal(1 / (1 + Math.Exp(2) + Math.Exp(-1)), Scores.Read([2, -1], ScoreKind.Energy).Doubt, 1e-6);
    }

    [Fact]
    public void A_score_of_exactly_0_has_an_entropy() => Assert.Equal(0, Scores.Read([1, 0, 0], ScoreKind.Entropy).Doubt);

    [Fact]
    public void Huge_logits_do_not_overflow()
    {
        var reading = Scores.Read([1000, 990, -1000], ScoreKind.Energy);
        Assert.True(reading.Valid);
        Assert.Equal(0, reading.Predicted);
        Assert.InRange(reading.First, 0.9999, 1);
    }

    [Theory]
    [InlineData(ScoreKind.Margin)]
    [InlineData(ScoreKind.Top)]
    [InlineData(ScoreKind.Entropy)]
    public void The_order_of_classes_changes_no_doubt(ScoreKind kind)
    {
        var random = new Random(3);
        for (var i = 0; i < 200; i++)
        {
            double[] raw = [.. Enumerable.Range(0, 6).Select(_ => random.NextDouble())], scores = [.. raw.Select(x => x / raw.Sum())];
            var before = Scores.Read(scores, kind).Doubt;
            random.Shuffle(scores);
            Assert.Equal(before, Scores.Read(scores, kind).Doubt, 1e-6);
        }
    }

    [Fact]
    public void Two_classes_rank_alike_by_every_doubt()
    {
        double[][] all = [.. Enumerable.Range(0, 51).Select(i => new[] { 0.5 + (i / 100.0), 0.5 - (i / 100.0) })];
        foreach (var kind in new[] { ScoreKind.Margin, ScoreKind.Top, ScoreKind.Entropy })
        {
            var doubts = all.Select(scores => Scores.Read(scores, kind).Doubt).ToArray();
            Assert.Equal(doubts.OrderDescending(), doubts);
        }
    }

    [Fact]
    public void Boxes_agree_by_place_and_class()
    {
        Box car = new("car", 0.9, 10, 10, 40, 20), moved = car with { X = 14 }, far = car with { X = 100 }, bus = car with { Label = "bus" };
        Assert.Equal(0, Disagreement.Loss([], []));
        Assert.Equal(0, Disagreement.Loss([car], [moved]));
        Assert.Equal(1, Disagreement.Loss([car], [far]));
        Assert.Equal(1, Disagreement.Loss([car], [bus]));
        Assert.Equal(1.0 / 3, Disagreement.Loss([car, far], [moved]), 1e-9);
        Assert.False(Disagreement.Between([car, far], [moved], tolerance: 0.4));
        Assert.True(Disagreement.Between([car, far], [moved], tolerance: 0.3));
    }

    [Fact]
    public void Values_agree_within_their_tolerance()
    {
        Assert.False(Disagreement.Between(10, 10.5, 0.5));
        Assert.True(Disagreement.Between(10, 10.6, 0.5));
        Assert.True(Disagreement.Between(double.NaN, 10, 0.5));
    }

    [Fact]
    public void A_frame_is_as_doubtful_as_what_does_not_stand_in_it()
    {
        Assert.Equal(FrameDoubt.Empty, FrameDoubt.Of([], 0));
        Assert.Equal(1, FrameDoubt.Of([], 2));
        Assert.Equal(0.2, FrameDoubt.Of([0.9, 0.7], 0), 1e-9);
        Assert.Equal(1.4 / 3, FrameDoubt.Of([0.9, 0.7], 1), 1e-9);
        Assert.False(OpenGate().Decide(new Salt("s"), "frame", FrameDoubt.Of([double.NaN], 0)).Accepts);
    }

    private static GateSnapshot OpenGate()
    {
        var settings = new GateSettings { Guarantee = new(0.05), Classes = 3, WarmUp = 1, Epsilon = 0 };
        var memory = new GateMemory(settings, "key");
        for (var i = 0; i < 59; i++)
        {
            memory.Learn(new Label((ulong)i, i, 0, Designation.Cold, 0.1f, 0, 0, false));
        }

        return memory.Snapshot();
    }
}
