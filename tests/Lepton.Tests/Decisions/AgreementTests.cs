using Lepton.Contracts.Events;
using Lepton.Decisions;

namespace Lepton.Tests.Decisions;

public sealed class AgreementTests
{
    private static readonly Box Car = new("car", 0.9, 10, 10, 40, 20), Person = new("person", 0.8, 100, 10, 10, 30);

    [Fact]
    public void Detectors_agree_when_their_boxes_pair_off()
    {
        Assert.True(Agreement.Between(Boxes(), Boxes()));
        Assert.True(Agreement.Between(Boxes(Person with { X = 102 }, Car with { Y = 12, Score = 0.5 }), Boxes(Car, Person)));

        Assert.False(Agreement.Between(Boxes(Car), Boxes(Car, Person)));
        Assert.False(Agreement.Between(Boxes(Car, Car), Boxes(Car, Person)));
        Assert.False(Agreement.Between(Boxes(Car with { Label = "van" }), Boxes(Car)));
        // 15 of 55 pixels shared across: less than half.
        Assert.False(Agreement.Between(Boxes(Car with { X = 35 }), Boxes(Car)));
        Assert.False(Agreement.Between(new Answer { Tier = "edge", Model = "m/1", Label = "car" }, Boxes(Car)));
        Assert.False(Agreement.Between(null, Boxes()));
    }

    [Fact]
    public void An_overlap_is_the_shared_area_over_the_joint_one()
    {
        Assert.Equal(1, Car.Overlap(Car), 1e-9);
        Assert.Equal(30 * 20 / 1000.0, Car.Overlap(Car with { X = 20 }), 1e-9);
        Assert.Equal(0, Car.Overlap(Person), 1e-9);
    }

    private static Answer Boxes(params Box[] boxes) => new() { Tier = "edge", Model = "m/1", Label = boxes.Length > 0 ? boxes[0].Label : "empty", Boxes = boxes };
}
