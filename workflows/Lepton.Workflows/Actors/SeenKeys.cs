using System.Buffers.Binary;
using System.Globalization;
using Dapr.Actors.Runtime;

namespace Lepton.Workflows.Actors;

/// <summary>
/// Which events an actor has counted already: the newest 4,096 keys, 8 bytes each, in 16 pages of which a call rewrites the last one or two.
/// The bound is what idempotency costs: an event delivered again after more than 4,096 younger ones of the same device and pipeline would count
/// twice. Redelivery happens within minutes (the subscription's retries are finite), so that needs a device of more than some 30 events a second
/// whose delivery was answered, but whose acknowledgement was lost, for two minutes.
/// </summary>
internal sealed class SeenKeys(IActorStateManager state, string name)
{
    private const int KeysPerPage = 256;
    private const int Pages = 16;
    private const int Bytes = sizeof(ulong);

    private HashSet<ulong>? known;
    private List<byte>[] pages = [];
    private long count;

    /// <summary>Notes keys (32 hexadecimal digits each); returns those not seen before, in order. Saved with the actor's turn.</summary>
    public async Task<HashSet<string>> AddAsync(IEnumerable<string> keys)
    {
        var seen = known ??= await LoadAsync();
        var fresh = new HashSet<string>();
        var touched = new SortedSet<int>();
        var bytes = new byte[Bytes];
        foreach (var key in keys)
        {
            var hash = ulong.Parse(key.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (!seen.Add(hash))
            {
                continue;
            }

            fresh.Add(key);
            var page = (int)(count++ / KeysPerPage % Pages);
            if (pages[page].Count == KeysPerPage * Bytes)
            {
                // The ring has come round: the oldest page makes room.
                Forget(seen, pages[page]);
                pages[page].Clear();
            }

            BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
            pages[page].AddRange(bytes);
            touched.Add(page);
        }

        foreach (var page in touched)
        {
            await state.SetStateAsync($"{name}-{page}", pages[page].ToArray());
        }

        if (touched.Count > 0)
        {
            await state.SetStateAsync(name, count);
        }

        return fresh;
    }

    private static void Forget(HashSet<ulong> seen, List<byte> page)
    {
        var bytes = page.ToArray();
        for (var at = 0; at < bytes.Length; at += Bytes)
        {
            seen.Remove(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
        }
    }

    private async Task<HashSet<ulong>> LoadAsync()
    {
        var total = await state.TryGetStateAsync<long>(name);
        count = total.HasValue ? total.Value : 0;
        pages = [.. Enumerable.Range(0, Pages).Select(_ => new List<byte>())];
        var seen = new HashSet<ulong>();
        for (var page = 0; page < Math.Min(Pages, (count + KeysPerPage - 1) / KeysPerPage); page++)
        {
            var bytes = (await state.TryGetStateAsync<byte[]>($"{name}-{page}")).Value ?? [];
            pages[page].AddRange(bytes);
            for (var at = 0; at < bytes.Length; at += Bytes)
            {
                seen.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
            }
        }

        return seen;
    }
}
