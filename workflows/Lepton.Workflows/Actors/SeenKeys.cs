using Dapr.Actors.Runtime;

namespace Lepton.Workflows.Actors;

/// <summary>
/// Which events an actor has counted already: a <see cref="SeenRing"/> in its state, of which a call writes only the pages it touches.
/// The bound is what idempotency costs: an event delivered again after more than 4,096 younger ones of the same device and pipeline would count
/// twice. Redelivery happens within minutes (the subscription's retries are finite), so that needs a device of more than some 30 events a second
/// whose delivery was answered, but whose acknowledgement was lost, for two minutes.
/// </summary>
internal sealed class SeenKeys(IActorStateManager state, string name)
{
    private SeenRing? ring;

    /// <summary>Notes keys (32 hexadecimal digits each); returns those not seen before. Saved with the actor's turn.</summary>
    public async Task<HashSet<string>> AddAsync(IEnumerable<string> keys)
    {
        var seen = ring ??= await LoadAsync();
        var fresh = new HashSet<string>();
        var touched = new HashSet<int>();
        foreach (var key in keys)
        {
            if (seen.Add(key) is { } page)
            {
                fresh.Add(key);
                touched.Add(page);
            }
        }

        foreach (var page in touched)
        {
            await state.SetStateAsync($"{name}-{page}", seen.Page(page));
        }

        if (touched.Count > 0)
        {
            await state.SetStateAsync(name, seen.Count);
        }

        return fresh;
    }

    private async Task<SeenRing> LoadAsync()
    {
        var count = (await state.TryGetStateAsync<long>(name)).Value;
        var pages = new List<byte[]>();
        for (var page = 0; page < SeenRing.PagesOf(count); page++)
        {
            pages.Add((await state.TryGetStateAsync<byte[]>($"{name}-{page}")).Value ?? []);
        }

        return SeenRing.Load(count, pages);
    }
}
