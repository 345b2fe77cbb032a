using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Lepton.Workflows.Actors;

/// <summary>
/// A device's own baseline: the per-sample median of the events in its first window. While the window is open a sample of its events is kept, those
/// with the smallest keys: keys are hashes, so the sample is a fair one, and neither the order of arrival nor a repetition changes it. When the
/// window has passed only the median stays. The kept events are stored one by one (<see cref="BaselineSlots"/>), so that a new one costs its own size.
/// </summary>
internal sealed class Baseline
{
    // One odd event among few would look like the usual one.
    private const int LeastEvents = 8;
    private const int MostEvents = 101;
    private const int MostSamples = 48 << 10;

    /// <summary>Event time, in seconds, of the device's first event; null before it.</summary>
    public double? Start { get; set; }

    /// <summary>True once an event after the window has come; the baseline then changes no more.</summary>
    public bool Frozen { get; set; }

    /// <summary>The kept events: the first 16 digits of each key, with the slot that holds its signals.</summary>
    public SortedDictionary<string, int> Kept { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The median once frozen: all signals one after the other, 4-byte floats.</summary>
    public byte[]? Median { get; set; }

    /// <summary>The signals of the kept events by slot.</summary>
    [JsonIgnore]
    public Dictionary<int, float[]> Slots { get; } = [];

    /// <summary>Looks at one event; returns the slot that holds it now, or null when its signals are not kept.</summary>
    public int? Add(string key, double at, float[] signals, TimeSpan window)
    {
        if (Frozen || !double.IsFinite(at))
        {
            return null;
        }

        Start = Math.Min(Start ?? at, at);
        if (at > Start + window.TotalSeconds)
        {
            Median = MedianOfKept() is { } median ? MemoryMarshal.AsBytes(median.AsSpan()).ToArray() : null;
            Kept.Clear();
            Slots.Clear();
            Frozen = true;
            return null;
        }

        var most = Math.Clamp(MostSamples / Math.Max(1, signals.Length), 9, MostEvents);
        var id = key[..16];
        var slot = Kept.Count;
        if (signals.Length == 0 || Kept.ContainsKey(id))
        {
            return null;
        }

        if (Kept.Count >= most)
        {
            var largest = Kept.Keys.Last();
            if (string.CompareOrdinal(id, largest) > 0)
            {
                return null;
            }

            Kept.Remove(largest, out slot);
        }

        Kept[id] = slot;
        Slots[slot] = signals;
        return slot;
    }

    /// <summary>The baseline as far as it is known, by signal; null before the first eight events, or when the pipeline's signals have changed since.</summary>
    public Dictionary<string, float[]>? Read(IReadOnlyList<string> names, IReadOnlyDictionary<string, int> lengths)
    {
        var all = Frozen ? MemoryMarshal.Cast<byte, float>(Median).ToArray() : MedianOfKept() ?? [];
        if (all.Length == 0 || all.Length != names.Sum(name => lengths[name]))
        {
            return null;
        }

        var baseline = new Dictionary<string, float[]>();
        var start = 0;
        foreach (var name in names)
        {
            baseline[name] = all[start..(start + lengths[name])];
            start += lengths[name];
        }

        return baseline;
    }

    private float[]? MedianOfKept()
    {
        if (Slots.Count < LeastEvents)
        {
            return null;
        }

        var length = Slots.Values.Min(signals => signals.Length);
        var column = new float[Slots.Count];
        var median = new float[length];
        for (var sample = 0; sample < length; sample++)
        {
            var row = 0;
            foreach (var signals in Slots.Values)
            {
                column[row++] = signals[sample];
            }

            Array.Sort(column);
            median[sample] = (column[(column.Length - 1) / 2] + column[column.Length / 2]) / 2;
        }

        return median;
    }
}
