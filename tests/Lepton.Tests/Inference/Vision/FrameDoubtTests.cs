using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference.Vision;

namespace Lepton.Tests.Inference.Vision;

public sealed class FrameDoubtTests
{
    private static readonly FrameDoubt Doubt = new(Keep: 0.4, Scores: [0.2, 0.6, 0.8], Right: [0.1, 0.5, 0.9], Unexplained: 0.5, Empty: 0.2);

    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0.2, 0.1)]
    [InlineData(0.4, 0.3)]
    [InlineData(0.7, 0.7)]
    [InlineData(0.95, 0.9)]
    public void How_often_a_box_is_right_lies_on_straight_lines_between_what_was_measured(double score, double right) =>
        Assert.Equal(right, Doubt.RightAt(score), 1e-9);

    [Fact]
    public void A_frame_is_as_sure_as_all_its_parts_together()
    {
        Assert.Equal(0.2, Doubt.Of([], 0), 1e-9);
        Assert.Equal(0.1, Doubt.Of([Box(0.8f)], 0), 1e-6);
        Assert.Equal(1 - (0.9 * 0.5), Doubt.Of([Box(0.8f), Box(0.6f)], 0), 1e-6);
        // A box just below the threshold is one that may be missing.
        Assert.Equal(1 - (0.9 * 0.8), Doubt.Of([Box(0.8f), Box(0.3f)], 0), 1e-6);
        Assert.Equal(1 - (0.9 * 0.25), Doubt.Of([Box(0.8f)], 2), 1e-6);
    }

    [Fact]
    public void Figures_that_do_not_fit_together_are_a_fault_with_its_line()
    {
        var faults = new List<Fault>();
        var spec = YamlMap.Parse("model.yaml", "keep: 0.4\ndoubt:\n  scores: [0.1, 0.9]\n  right: [0.2]\n", faults)[0];

        FrameDoubt.Read(spec);

        var fault = Assert.Single(faults);
        Assert.Equal(3, fault.Line);
        Assert.Contains("has 2 numbers and `right` 1", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_is_right_when_all_is_found_and_nothing_else()
    {
        TrueBox[] truth = [new("car", 0, 0, 40, 20, false), new("person", 100, 0, 10, 30, false), new("bus", 200, 0, 90, 40, true)];

        Assert.Equal(new FrameMatch(2, 2, 0), FrameMatch.Of([Answered("car", 2, 0, 40, 20), Answered("person", 100, 2, 10, 30)], truth));
        Assert.True(FrameMatch.Of([Answered("car", 2, 0, 40, 20), Answered("person", 100, 2, 10, 30), Answered("truck", 200, 0, 90, 40)], truth).Right);
        // Another label is a false box and a missed object; so is a second box of the same car.
        Assert.Equal(new FrameMatch(1, 2, 1), FrameMatch.Of([Answered("van", 0, 0, 40, 20), Answered("person", 100, 0, 10, 30)], truth));
        Assert.Equal(new FrameMatch(1, 2, 1), FrameMatch.Of([Answered("car", 0, 0, 40, 20), Answered("car", 3, 0, 40, 20)], truth));
        Assert.True(FrameMatch.Of([], []).Right);
    }

    private static Detection Box(float score) => new(0, 0, 10, 10, score, 0);

    private static Box Answered(string label, double x, double y, double width, double height) => new(label, 0.9, x, y, width, height);
}
