using Lepton.Contracts.Events;
using Lepton.Decisions;

namespace Lepton.Tests.Decisions;

public sealed class GateTests
{
    private static readonly Snapshot Edge = new("margin", 0.5, Provisional: true, TierAbove: true);

    private static Answer Scores(params double[] scores) => new() { Tier = "edge", Model = "m/1", Label = "a", Scores = scores };

    [Fact]
    public void A_sure_answer_is_accepted()
    {
        var ruling = Gate.Decide(Edge, Scores(0.9, 0.1));
        Assert.Equal(Outcome.Accept, ruling.Outcome);
        Assert.Equal(["confident"], ruling.Reasons);
        Assert.Equal(0.2, ruling.Uncertainty!.Value, 12);
    }

    [Theory]
    [InlineData(true, Outcome.ProvisionalAndEscalate)]
    [InlineData(false, Outcome.EscalateNow)]
    public void An_unsure_answer_asks_the_tier_above(bool provisional, Outcome expected)
    {
        var ruling = Gate.Decide(Edge with { Provisional = provisional }, Scores(0.6, 0.4));
        Assert.Equal(expected, ruling.Outcome);
        Assert.Equal(["uncertain"], ruling.Reasons);
    }

    [Fact]
    public void Exactly_the_threshold_is_not_below_it() => Assert.True(Gate.Decide(Edge, Scores(0.75, 0.25)).Escalates);

    [Fact]
    public void The_top_tier_answers_what_it_is_unsure_of_and_says_so()
    {
        var ruling = Gate.Decide(Edge with { TierAbove = false }, Scores(0.6, 0.4));
        Assert.Equal(Outcome.Accept, ruling.Outcome);
        Assert.Equal(["uncertain", "topTier"], ruling.Reasons);
    }

    [Fact]
    public void The_top_tier_rejects_what_it_cannot_believe() =>
        Assert.Equal(Outcome.Reject, Gate.Decide(Edge with { TierAbove = false }, Scores(double.NaN, 0.4)).Outcome);

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("NaN 0.5")]
    [InlineData("Infinity 0")]
    [InlineData("-0.1 1.1")]
    [InlineData("0.5 0.4")]
    [InlineData("0.9 0.9")]
    public void Malformed_scores_fail_closed(string written)
    {
        var scores = written.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(double.Parse).ToArray();
        var ruling = Gate.Decide(Edge with { Threshold = 1 }, Scores(scores));
        Assert.Equal(Outcome.EscalateNow, ruling.Outcome);
        Assert.Equal(["invalidScores"], ruling.Reasons);
        Assert.Null(ruling.Uncertainty);
    }

    [Fact]
    public void A_box_with_a_score_that_is_no_number_fails_closed() =>
        Assert.Equal(["invalidScores"], Gate.Decide(Edge, new Answer { Tier = "edge", Model = "m/1", Uncertainty = 0, Boxes = [new Box("car", double.NaN, 0, 0, 1, 1)] }).Reasons);

    [Fact]
    public void An_answer_without_a_measure_is_not_accepted() =>
        Assert.Equal(["unmeasured"], Gate.Decide(Edge with { Threshold = 1 }, new Answer { Tier = "edge", Model = "m/1", Value = 3 }).Reasons);

    [Fact]
    public void A_detector_brings_its_own_uncertainty() =>
        Assert.Equal(Outcome.Accept, Gate.Decide(Edge, new Answer { Tier = "edge", Model = "m/1", Boxes = [], Uncertainty = 0.49 }).Outcome);

    [Theory]
    [InlineData("margin", 0.8)]
    [InlineData("top", 0.4)]
    [InlineData("entropy", 0.97095)]
    public void Each_score_measures_its_own_way(string score, double expected) =>
        Assert.Equal(expected, Uncertainty.Of(Scores(0.6, 0.4), score, out _)!.Value, 5);

    [Fact]
    public void A_score_of_zero_has_no_entropy() => Assert.Equal(0, Uncertainty.Of(Scores(1, 0), "entropy", out _));

    [Fact]
    public void The_order_of_classes_changes_nothing()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 200; trial++)
        {
            var scores = Enumerable.Range(0, 5).Select(_ => random.NextDouble()).ToArray();
            var sum = scores.Sum();
            scores = [.. scores.Select(score => score / sum)];
            foreach (var kind in new[] { "margin", "top", "entropy" })
            {
                var before = Uncertainty.Of(Scores(scores), kind, out _)!.Value;
                random.Shuffle(scores);
                Assert.Equal(before, Uncertainty.Of(Scores(scores), kind, out _)!.Value, 12);
            }
        }
    }

    [Fact]
    public void Feedback_in_any_order_ends_in_the_same_state()
    {
        var feedback = Enum.GetValues<Ending>().SelectMany(ending => new[] { new Feedback(ending, true), new Feedback(ending, false) }).ToArray();
        var forward = feedback.Aggregate(new GateState(), (state, each) => state.With(each));
        Assert.Equal(forward, feedback.Reverse().Aggregate(new GateState(), (state, each) => state.With(each)));
        Assert.Equal(new GateState(2, 2, 2, 2, 1), forward);
    }
}
