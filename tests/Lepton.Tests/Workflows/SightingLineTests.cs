using Lepton.Workflows.Actors;

namespace Lepton.Tests.Workflows;

public sealed class SightingLineTests
{
    [Fact]
    public async Task What_comes_while_a_call_is_under_way_goes_with_the_next()
    {
        var first = new TaskCompletionSource();
        var calls = new List<int>();
        var left = 0;
        var line = new SightingLine(
            sightings =>
            {
                calls.Add(sightings.Count);
                return calls.Count == 1 ? first.Task : Task.CompletedTask;
            },
            () => left++);
        var one = line.TryJoin([Sighting("1")])!;
        var two = line.TryJoin([Sighting("2")])!;
        var three = line.TryJoin([Sighting("3"), Sighting("4")])!;
        Assert.Same(two, three);
        Assert.False(one.IsCompleted);

        first.SetException(new InvalidOperationException("the twin is away"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => one);
        await three;
        Assert.Equal([1, 3], calls);
        Assert.Equal(1, left);
        Assert.Null(line.TryJoin([Sighting("5")]));
    }

    [Fact]
    public async Task What_gathers_goes_in_calls_that_a_sidecar_takes()
    {
        var first = new TaskCompletionSource();
        var calls = new List<int>();
        var line = new SightingLine(
            sightings =>
            {
                calls.Add(sightings.Count);
                return calls.Count == 1 ? first.Task : Task.CompletedTask;
            },
            () => { });
        List<int> counts = [1, 60, 40, 1, 150, 2];
        var told = counts.Select(count => line.TryJoin([.. Enumerable.Range(0, count).Select(each => Sighting($"{each}"))])!).ToList();
        first.SetResult();
        await Task.WhenAll(told);
        Assert.Equal([1, 100, 1, 150, 2], calls);
    }

    private static Sighting Sighting(string key) => new(key, DateTimeOffset.UnixEpoch, null, null, null);
}
