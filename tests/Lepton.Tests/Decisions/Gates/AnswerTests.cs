using Lepton.Contracts.Events;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Tests.Decisions.Gates;

public sealed class AnswerTests
{
    private static readonly Salt Secret = new("secret");
    private static readonly Box Car = new("car", 0.9, 10, 10, 40, 20), Person = new("person", 0.8, 100, 10, 10, 30);
    private static readonly Tolerance Exact = new(0);

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("NaN 0.5")]
    [InlineData("Infinity 0")]
    [InlineData("-0.1 1.1")]
    [InlineData("0.5 0.4")]
    [InlineData("0.9 0.9")]
    public void Malformed_scores_are_never_accepted_even_by_a_gate_that_accepts_everything(string written)
    {
        var scores = written.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(double.Parse).ToArray();
        var ruling = OpenGate(2).Decide(Secret, "id", new Answer { Tier = "edge", Model = "m/1", Scores = scores });
        Assert.Equal(Reasons.InvalidScores, ruling.Reasons & ~Reasons.Shadow);
        Assert.Equal(Designation.None, ruling.Designation);
    }

    [Fact]
    public void An_answer_brings_scores_or_a_doubt_of_its_own_or_is_unmeasured()
    {
        Assert.True(OpenGate(2).Decide(Secret, "id", new Answer { Tier = "edge", Model = "m/1", Scores = [0.9, 0.1] }).Accepts);
        var own = OpenGate(1);
        Assert.True(own.Decide(Secret, "id", new Answer { Tier = "edge", Model = "m/1", Boxes = [Car], Uncertainty = 0.4 }).Accepts);
        Assert.Equal(["unmeasured"], ReasonNames.Of(own.Decide(Secret, "id", new Answer { Tier = "edge", Model = "m/1", Value = 3 }).Reasons));
        Assert.Equal(["invalidScores"], ReasonNames.Of(own.Decide(Secret, "id", new Answer { Tier = "edge", Model = "m/1", Value = double.NaN, Uncertainty = 0.1 }).Reasons));
        Assert.Equal(["invalidScores"], ReasonNames.Of(own.Decide(Secret, "id", new Answer { Tier = "edge", Model = "m/1", Boxes = [Car with { Score = double.NaN }], Uncertainty = 0 }).Reasons));
        Assert.Equal(["invalidScores"], ReasonNames.Of(own.Decide(Secret, "id", new Answer { Tier = "edge", Model = "m/1", Boxes = [], Uncertainty = 1.5 }).Reasons));
    }

    [Fact]
    public void Detectors_agree_when_enough_of_their_boxes_pair_off()
    {
        Assert.True(Disagreement.Agree(Boxes(), Boxes(), Exact));
        Assert.True(Disagreement.Agree(Boxes(Person with { X = 102 }, Car with { Y = 12, Score = 0.5 }), Boxes(Car, Person), Exact));
        Assert.False(Disagreement.Agree(Boxes(Car), Boxes(Car, Person), Exact));
        Assert.True(Disagreement.Agree(Boxes(Car), Boxes(Car, Person), new Tolerance(0.34)), "one of three boxes is within a tolerance of 0.34");
        Assert.False(Disagreement.Agree(Boxes(Car with { Label = "van" }), Boxes(Car), Exact));
        Assert.False(Disagreement.Agree(Boxes(Car with { X = 35 }), Boxes(Car), Exact), "15 of 55 pixels shared across: less than half");
        Assert.True(Disagreement.Agree(Boxes(Car with { X = 35 }), Boxes(Car), new Tolerance(0, 0.2)));
        Assert.False(Disagreement.Agree(Label("car"), Boxes(Car), Exact));
        Assert.False(Disagreement.Agree(null, Boxes(), Exact));
    }

    [Fact]
    public void Values_agree_within_the_tolerance()
    {
        Assert.True(Disagreement.Agree(Value(20), Value(20.5), new Tolerance(0.5)));
        Assert.False(Disagreement.Agree(Value(20), Value(20.6), new Tolerance(0.5)));
        Assert.False(Disagreement.Agree(Label("x"), Value(20), new Tolerance(100)));
    }

    [Fact]
    public void A_label_gets_the_class_of_the_verdict_and_a_verdict_that_never_came_counts_as_wrong()
    {
        Answer edge = new() { Tier = "edge", Model = "m/1", Label = "a", Labels = ["a", "b"], Scores = [0.9, 0.1] };
        Assert.Equal(1, Disagreement.ReferenceOf(edge, Label("b"), Exact));
        Assert.Equal(Lepton.Decisions.Labels.Label.Missing, Disagreement.ReferenceOf(edge, Label("c"), Exact));
        Assert.Equal(Lepton.Decisions.Labels.Label.Missing, Disagreement.ReferenceOf(edge, null, Exact));
        Assert.Equal(Disagreement.Agrees, Disagreement.ReferenceOf(Boxes(Car), Boxes(Car), Exact));
        Assert.NotEqual(Disagreement.Agrees, Disagreement.ReferenceOf(Boxes(Car), Boxes(), Exact));
    }

    [Fact]
    public void A_damaged_archive_is_refused_wherever_the_damage_is()
    {
        var memory = Calibrated(2);
        var bytes = GateArchive.Save(memory);
        for (var at = 0; at < bytes.Length; at += 7)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x10;
            Assert.False(GateArchive.TryLoad(new GateMemory(memory.Settings, memory.Key), damaged), $"byte {at}");
        }

        Assert.False(GateArchive.TryLoad(new GateMemory(memory.Settings, memory.Key), bytes.AsMemory(0, bytes.Length - 9)));
        Assert.False(GateArchive.TryLoad(new GateMemory(memory.Settings, memory.Key), default));
        Assert.True(GateArchive.TryLoad(new GateMemory(memory.Settings, memory.Key), bytes));
    }

    [Fact]
    public void Names_and_reasons_translate_both_ways_in_order_of_precedence()
    {
        var all = Enum.GetValues<Reasons>().Where(reason => reason != Reasons.None).ToList();
        Assert.All(all, reason => Assert.Equal(reason, ReasonNames.Read(ReasonNames.Of(reason))));
        Assert.All(all, reason => Assert.Equal(reason.ToString(), ReasonNames.Of(reason)[0], ignoreCase: true));
        Assert.Equal(["confirmed", "shadow", "confident"], ReasonNames.Of(Reasons.Confident | Reasons.Confirmed | Reasons.Shadow));
    }

    private static GateSnapshot OpenGate(int classes) => Calibrated(classes).Snapshot();

    private static GateMemory Calibrated(int classes)
    {
        var memory = new GateMemory(new GateSettings { Guarantee = new Guarantee(0.1), Classes = classes, WarmUp = 1, Epsilon = 0.01 }, "key");
        for (var i = 0; i < memory.Settings.LabelsNeeded; i++)
        {
            memory.Learn(new Label((ulong)i, i, 0, Designation.Cold, 0.1f, 0, 0, false));
        }

        return memory;
    }

    private static Answer Boxes(params Box[] boxes) => new() { Tier = "edge", Model = "m/1", Label = boxes.Length > 0 ? boxes[0].Label : "empty", Boxes = boxes };

    private static Answer Label(string label) => new() { Tier = "edge", Model = "m/1", Label = label };

    private static Answer Value(double value) => new() { Tier = "edge", Model = "m/1", Value = value };
}
