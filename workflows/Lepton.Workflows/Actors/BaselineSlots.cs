using System.Runtime.InteropServices;
using Dapr.Actors.Runtime;

namespace Lepton.Workflows.Actors;

/// <summary>A baseline in an actor's state: a small head, and one entry for each kept event, of which a call writes only the new ones.</summary>
internal sealed class BaselineSlots(IActorStateManager state, string name)
{
    private Baseline? baseline;

    public async Task<Baseline> ReadAsync()
    {
        if (baseline is not null)
        {
            return baseline;
        }

        var head = await state.TryGetStateAsync<Baseline>(name);
        var read = head.HasValue ? head.Value : new Baseline();
        foreach (var slot in read.Kept.Values)
        {
            if ((await state.TryGetStateAsync<byte[]>($"{name}-{slot}")).Value is { } bytes)
            {
                read.Slots[slot] = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
            }
        }

        return baseline = read;
    }

    /// <summary>Learns from events; true when the baseline is frozen.</summary>
    public async Task<bool> LearnAsync(IEnumerable<Sighting> sightings, TimeSpan window)
    {
        var learned = await ReadAsync();
        if (learned.Frozen)
        {
            return true;
        }

        var slots = learned.Kept.Count;
        foreach (var sighting in sightings)
        {
            if (sighting is { At: { } at, Signals: { } signals } && learned.Add(sighting.Key, at, signals, window) is { } slot)
            {
                await state.SetStateAsync($"{name}-{slot}", MemoryMarshal.AsBytes(signals.AsSpan()).ToArray());
            }
        }

        for (var slot = 0; learned.Frozen && slot < slots; slot++)
        {
            await state.TryRemoveStateAsync($"{name}-{slot}");
        }

        await state.SetStateAsync(name, learned);
        return learned.Frozen;
    }
}
