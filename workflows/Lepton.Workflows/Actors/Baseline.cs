using System.Runtime.InteropServices;

namespace Lepton.Workflows.Actors;

/// <summary>
/// A device's own baseline: the per-sample median of the events in its first window. While the window is open a sample of its events is kept, those
/// with the smallest keys: keys are hashes, so the sample is a fair one, and neither the order of arrival nor a repetition changes it. When the
/// window has passed only the median stays.
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

    /// <summary>Kept events: the key's first 16 digits and all signals one after the other, 4-byte floats.</summary>
    public SortedDictionary<string, byte[]> Kept { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The median once frozen, laid out as a kept event.</summary>
    public byte[]? Median { get; set; }

    /// <summary>Looks at one event; true when that changed what is kept.</summary>
    public bool Add(string key, double at, float[] signals, TimeSpan window)
    {
        if (Frozen || !double.IsFinite(at))
        {
            return false;
        }

        var before = Start;
        Start = Math.Min(before ?? at, at);
        if (at > Start + window.TotalSeconds)
        {
            Median = MedianOfKept();
            Kept.Clear();
            return Frozen = true;
        }

        var most = Math.Clamp(MostSamples / Math.Max(1, signals.Length), 9, MostEvents);
        var id = key[..16];
        if (signals.Length == 0 || Kept.ContainsKey(id) || (Kept.Count >= most && string.CompareOrdinal(id, Kept.Keys.Last()) > 0))
        {
            return before != Start;
        }

        Kept[id] = MemoryMarshal.AsBytes(signals.AsSpan()).ToArray();
        if (Kept.Count > most)
        {
            Kept.Remove(Kept.Keys.Last());
        }

        return true;
    }

    /// <summary>The baseline as far as it is known, by signal; null before the first eight events.</summary>
    public Dictionary<string, float[]>? Read(IReadOnlyList<string> names, IReadOnlyDictionary<string, int> lengths)
    {
        if ((Median ?? MedianOfKept()) is not { } bytes || bytes.Length != names.Sum(name => lengths[name]) * sizeof(float))
        {
            return null;
        }

        var all = MemoryMarshal.Cast<byte, float>(bytes);
        var baseline = new Dictionary<string, float[]>();
        foreach (var name in names)
        {
            baseline[name] = all[..lengths[name]].ToArray();
            all = all[lengths[name]..];
        }

        return baseline;
    }

    private byte[]? MedianOfKept()
    {
        if (Kept.Count < LeastEvents)
        {
            return null;
        }

        var length = Kept.Values.First().Length / sizeof(float);
        var column = new float[Kept.Count];
        var median = new float[length];
        for (var sample = 0; sample < length; sample++)
        {
            var row = 0;
            foreach (var bytes in Kept.Values)
            {
                column[row++] = MemoryMarshal.Cast<byte, float>(bytes)[sample];
            }

            Array.Sort(column);
            median[sample] = (column[(column.Length - 1) / 2] + column[column.Length / 2]) / 2;
        }

        return MemoryMarshal.AsBytes(median.AsSpan()).ToArray();
    }
}
