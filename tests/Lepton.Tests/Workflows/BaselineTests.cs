using Lepton.Contracts.Events;
using Lepton.Workflows.Actors;

namespace Lepton.Tests.Workflows;

public sealed class BaselineTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly Dictionary<string, int> Lengths = new() { ["lead"] = 3 };

    private static string Key(int event_) => EventKey.Of("device", event_.ToString());

    [Fact]
    public void It_is_the_median_of_each_sample_from_the_eighth_event_on()
    {
        var baseline = new Baseline();
        for (var i = 1; i <= 7; i++)
        {
            baseline.Add(Key(i), i, [i, -i, 0], Window);
        }

        Assert.Null(baseline.Read(["lead"], Lengths));
        baseline.Add(Key(8), 8, [900, -900, 0], Window);
        Assert.Equal([4.5f, -4.5f, 0], baseline.Read(["lead"], Lengths)!["lead"]);
    }

    [Fact]
    public void It_freezes_with_the_first_event_after_the_window()
    {
        var baseline = Kept();
        Assert.False(baseline.Frozen);
        baseline.Add(Key(90), 161, [9, 9, 9], Window);
        Assert.True(baseline.Frozen);
        Assert.Null(baseline.Add(Key(91), 130, [9, 9, 9], Window));
        Assert.Equal([1, 2, 3], baseline.Read(["lead"], Lengths)!["lead"]);
        Assert.Empty(baseline.Kept);
    }

    [Fact]
    public void Neither_order_nor_repetition_changes_it()
    {
        var events = Enumerable.Range(0, 500).Select(i => (Key: Key(i), Samples: new float[] { i, i * 2, 7 })).ToArray();
        var forward = new Baseline();
        var shuffled = new Baseline();
        Array.ForEach(events, each => forward.Add(each.Key, 5, each.Samples, Window));
        new Random(3).Shuffle(events);
        foreach (var each in events.Concat(events.Take(50)))
        {
            shuffled.Add(each.Key, 5, each.Samples, Window);
        }

        Assert.Equal(forward.Read(["lead"], Lengths)!["lead"], shuffled.Read(["lead"], Lengths)!["lead"]);
        Assert.InRange(forward.Kept.Count, 100, 101);
    }

    [Fact]
    public void Large_events_are_kept_fewer_so_that_the_state_stays_small()
    {
        var baseline = new Baseline();
        for (var i = 0; i < 60; i++)
        {
            baseline.Add(Key(i), 5, new float[4096], Window);
        }

        Assert.InRange(baseline.Slots.Values.Sum(signals => signals.Length * sizeof(float)), 1, 192 << 10);
    }

    [Fact]
    public void A_pipeline_that_has_changed_its_signals_gets_none() =>
        Assert.Null(Kept().Read(["lead"], new Dictionary<string, int> { ["lead"] = 4 }));

    private static Baseline Kept()
    {
        var baseline = new Baseline();
        for (var i = 0; i < 8; i++)
        {
            baseline.Add(Key(i), 100, [1, 2, 3], Window);
        }

        return baseline;
    }
}
