using Lepton.Cli.Checking;
using Lepton.Contracts.Events;

namespace Lepton.Tests.Cli;

public sealed class OutcomeTests
{
    private static readonly Truth Street = Truth.Read("""{"boxes": [{"label": "car", "x": 10, "y": 10, "width": 40, "height": 20}, {"label": "person", "x": 100, "y": 10, "width": 10, "height": 30}]}""")!;

    [Fact]
    public void A_box_counts_where_it_overlaps_an_object_of_its_label_by_half()
    {
        var outcome = Outcome.Of(Street, null, [new Box("car", 0.9, 12, 10, 40, 20), new Box("person", 0.8, 108, 10, 10, 30)], null);
        Assert.Equal(new Outcome(1, 3, 1, 2, 0, 0), outcome);
    }

    [Fact]
    public void One_object_is_found_once()
    {
        var outcome = Outcome.Of(Street, null, [new Box("car", 0.9, 10, 10, 40, 20), new Box("car", 0.5, 11, 10, 40, 20)], null);
        Assert.Equal((1, 3), (outcome.Right, outcome.All));
    }

    [Fact]
    public void An_object_that_can_hardly_be_seen_is_neither_missed_nor_wrong()
    {
        var hidden = Truth.Read("""{"boxes": [{"label": "car", "x": 10, "y": 10, "width": 40, "height": 20, "hidden": true}]}""")!;
        Assert.Equal((0, 0), (Outcome.Of(hidden, null, [], null).Right, Outcome.Of(hidden, null, [], null).All));
        Assert.Equal(0, Outcome.Of(hidden, null, [new Box("car", 0.9, 10, 10, 40, 20)], null).All);
    }

    [Fact]
    public void An_empty_scene_is_a_negative_that_is_right_when_it_is_left_empty()
    {
        Assert.Equal(new Outcome(0, 0, 0, 0, 1, 1), Outcome.Of(new Truth(null, []), null, null, null));
        Assert.Equal(new Outcome(0, 1, 0, 0, 0, 1), Outcome.Of(new Truth(null, []), null, [new Box("car", 0.9, 1, 1, 9, 9)], null));
    }
}
