using Lepton.Contracts.Events;
using Lepton.Workflows.Actors;

namespace Lepton.Tests.Workflows;

public sealed class SeenRingTests
{
    private static string Key(int i) => EventKey.Of("device", i.ToString());

    [Fact]
    public void A_key_is_new_once()
    {
        var ring = new SeenRing();
        Assert.Equal(0, ring.Add(Key(1)));
        Assert.Null(ring.Add(Key(1)));
        Assert.Equal(1, ring.Count);
    }

    [Fact]
    public void It_remembers_at_least_the_newest_3840_and_stays_small()
    {
        var ring = new SeenRing();
        for (var i = 0; i < 10_000; i++)
        {
            Assert.NotNull(ring.Add(Key(i)));
        }

        for (var i = 10_000 - 3840; i < 10_000; i++)
        {
            Assert.Null(ring.Add(Key(i)));
        }

        Assert.NotNull(ring.Add(Key(0)));
        Assert.InRange(Enumerable.Range(0, SeenRing.Pages).Sum(page => ring.Page(page).Length), 1, 32 << 10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(300)]
    [InlineData(5000)]
    public void What_was_kept_is_the_same_ring_again(int keys)
    {
        var ring = new SeenRing();
        for (var i = 0; i < keys; i++)
        {
            ring.Add(Key(i));
        }

        var again = SeenRing.Load(ring.Count, Enumerable.Range(0, SeenRing.PagesOf(ring.Count)).Select(ring.Page));
        for (var i = 0; i < keys + 10; i++)
        {
            Assert.Equal(ring.Add(Key(i)), again.Add(Key(i)));
        }
    }
}
