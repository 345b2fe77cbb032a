using System.Buffers;

namespace Lepton.Contracts.Events;

/// <summary>Finds where a JSON object or array ends by its brackets and texts alone, many times as fast as reading it. Whether what is within is JSON is for its reader to say.</summary>
public static class JsonNesting
{
    /// <summary>As deep as a JSON reader goes.</summary>
    private const int MostDepth = 64;

    private static readonly SearchValues<byte> Marks = SearchValues.Create("\"{}[]"u8);

    /// <summary>The place of the bracket that closes the one at the beginning of <paramref name="json"/>, in bytes; -1 when there is none.</summary>
    /// <param name="json">UTF-8 text that begins with <c>{</c> or <c>[</c>; what follows its end is not looked at.</param>
    public static int End(ReadOnlySpan<byte> json)
    {
        var (depth, arrays) = (0, 0UL);
        for (var at = 0; json[at..].IndexOfAny(Marks) is >= 0 and var step; at++)
        {
            at += step;
            switch (json[at])
            {
                case (byte)'"':
                    var length = Text(json[(at + 1)..]);
                    if (length < 0)
                    {
                        return -1;
                    }

                    at += length + 1;
                    break;
                case (byte)'{' or (byte)'[':
                    if (depth++ == MostDepth)
                    {
                        return -1;
                    }

                    arrays = (arrays << 1) | (json[at] == '[' ? 1UL : 0);
                    break;
                default:
                    if (json[at] == ((arrays & 1) == 1 ? ']' : '}'))
                    {
                        arrays >>= 1;
                        if (--depth == 0)
                        {
                            return at;
                        }

                        break;
                    }

                    return -1;
            }
        }

        return -1;
    }

    // Up to the quote that ends it.
    private static int Text(ReadOnlySpan<byte> json)
    {
        for (var at = 0; at < json.Length && json[at..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var step; at += 2)
        {
            at += step;
            if (json[at] == '"')
            {
                return at;
            }
        }

        return -1;
    }
}
