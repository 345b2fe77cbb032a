using System.Buffers;
using Lepton.Contracts.Events;

namespace Lepton.Sidecar.PubSub;

/// <summary>Sorts the members of objects in JSON that is otherwise plain, by their bytes, and keeps the last of one name. What needs no sorting is copied.</summary>
internal static class MemberOrder
{
    private static readonly IComparer<byte[]> ByBytes = Comparer<byte[]>.Create(static (one, other) => one.AsSpan().SequenceCompareTo(other));

    private static readonly SearchValues<byte> Ends = SearchValues.Create(",}]"u8);

    internal static ReadOnlySpan<byte> Sort(ReadOnlySpan<byte> data, in JsonStanding value)
    {
        var output = new ArrayBufferWriter<byte>(data[value.Place].Length);
        Write(output, data, value.Place.Start.Value, value.Place.End.Value, value);
        return output.WrittenSpan;
    }

    private static void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> data, int begin, int end, in JsonStanding whole)
    {
        if (begin > whole.Last || end <= whole.First || data[begin] is not ((byte)'{' or (byte)'['))
        {
            output.Write(data[begin..end]);
            return;
        }
        var opened = data[begin];
        output.Write([opened]);
        var separator = false;
        foreach (var (name, from, to) in opened == '{' ? Sorted(data, begin + 1, end - 1) : Elements(data, begin + 1, end - 1))
        {
            if (separator) output.Write(","u8);
            separator = true;
            output.Write(name);
            Write(output, data, from, to, whole);
        }
        output.Write(opened == '{' ? "}"u8 : "]"u8);
    }

    private static List<(byte[] Name, int From, int To)> Elements(ReadOnlySpan<byte> data, int at, int end)
    {
        var elements = new List<(byte[], int, int)>();
        for (int to; at < end; at = to + 1)
        {
            to = End(data, at);
            elements.Add(([], at, to));
        }
        return elements;
    }

    private static List<(byte[] Name, int From, int To)> Sorted(ReadOnlySpan<byte> data, int at, int end)
    {
        var members = new List<(byte[] Name, int From, int To)>();
        for (int to; at < end; at = to + 1)
        {
            // With its quotes and its colon.
            var from = End(data, at) + 1;
            to = End(data, from);
            members.Add((data[at..from].ToArray(), from, to));
        }
        // The sort keeps the order of equal names.
        var sorted = members.OrderBy(static member => member.Name[1..^2], ByBytes).ToList();
        return [.. sorted.Where((member, i) => i == sorted.Count - 1 || !member.Name.AsSpan().SequenceEqual(sorted[i + 1].Name))];
    }

    /// <summary>Where the value or name that begins at a place ends: just behind it.</summary>
    private static int End(ReadOnlySpan<byte> data, int at) => data[at] switch
    {
        (byte)'"' => at + 2 + data[(at + 1)..].IndexOf((byte)'"'),
        (byte)'{' or (byte)'[' => at + 1 + JsonNesting.End(data[at..]),
        _ => data[at..].IndexOfAny(Ends) is >= 0 and var length ? at + length : data.Length,
    };
}
