using System.Text.Json;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.PubSub;

/// <summary>
/// Published JSON as daprd passes it on: members sorted, no white space, HTML characters escaped, numbers with the digits they came with. Most of what is published
/// stands so already and is copied, or has only its members in another order.
/// </summary>
internal static class DataJson
{
    private const int Deepest = 64;

    /// <summary>Writes the first JSON value, as a member where it is given a name; false, with nothing written, when there is none.</summary>
    internal static bool TryWrite(Utf8JsonWriter json, ReadOnlySpan<byte> data, string? member = null)
    {
        try
        {
            var reader = new Utf8JsonReader(data);
            if (!reader.Read()) return false;
            var value = Written(data, Read(data, ref reader));
            if (member is not null) json.WritePropertyName(member);
            json.WriteRawValue(value, skipInputValidation: true);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The bytes of a value that was read, as they are passed on.</summary>
    internal static ReadOnlySpan<byte> Written(ReadOnlySpan<byte> data, in JsonStanding value)
    {
        if (!value.Plain) return Rewrite(data[value.Place]);
        return value.Sorted ? data[value.Place] : MemberOrder.Sort(data, value);
    }

    private static byte[] Rewrite(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        using var document = JsonDocument.ParseValue(ref reader);
        return GoJson.Rewrite(document.RootElement, keepNumbers: true);
    }

    /// <summary>Reads the value whose first token the reader has read to its end, and says how it stands there.</summary>
    internal static JsonStanding Read(ReadOnlySpan<byte> data, ref Utf8JsonReader reader)
    {
        Span<Level> levels = stackalloc Level[Deepest + 2];
        var (ground, begin, bytes) = (reader.CurrentDepth, (int)reader.TokenStartIndex, 0L);
        var (plain, first, last) = (true, int.MaxValue, -1);
        while (true)
        {
            var token = reader.TokenType;
            ref var level = ref levels[reader.CurrentDepth];
            var opens = token is JsonTokenType.StartObject or JsonTokenType.StartArray;
            var closes = token is JsonTokenType.EndObject or JsonTokenType.EndArray;
            var named = token == JsonTokenType.PropertyName;
            // How many bytes the tokens take with nothing but commas and colons between them.
            bytes += opens || closes ? 1 : reader.ValueSpan.Length;
            if (named || (level.IsList && !closes))
            {
                if (level.Begun) bytes++;
                level.Begun = true;
            }
            if (named || token == JsonTokenType.String)
            {
                bytes += named ? 3 : 2;
                plain &= !reader.ValueIsEscaped && reader.ValueSpan.IndexOfAny(Escaped) < 0;
            }
            if (named)
            {
                var at = (int)reader.TokenStartIndex;
                if (level.Length >= 0 && data.Slice(level.Name, level.Length).SequenceCompareTo(reader.ValueSpan) >= 0) (first, last) = (Math.Min(first, at), at);
                (level.Name, level.Length) = (at + 1, reader.ValueSpan.Length);
            }
            if (opens) levels[reader.CurrentDepth + 1] = new Level { IsList = token == JsonTokenType.StartArray, Length = -1 };
            if ((reader.CurrentDepth == ground && !opens) || !reader.Read()) break;
        }
        var end = (int)reader.BytesConsumed;
        return new JsonStanding(begin..end, plain && bytes == end - begin, first, last);
    }

    /// <summary>What Go writes escaped, and the first byte of the two line separators that it does too.</summary>
    private static ReadOnlySpan<byte> Escaped => [(byte)'<', (byte)'>', (byte)'&', 0xE2];

    /// <summary>An object or list that is being read: whether something stands in it, and where the name read last is.</summary>
    private struct Level
    {
        internal bool IsList, Begun;
        internal int Name, Length;
    }
}

/// <summary>Where a JSON value stands in a text, and how.</summary>
/// <param name="Place">From its first byte to its last.</param>
/// <param name="Plain">Nothing in it has to be spelt in another way: no white space, no escapes.</param>
/// <param name="First">The first name in it that does not come after the one before it.</param>
/// <param name="Last">The last such name; -1 when there is none.</param>
internal readonly record struct JsonStanding(Range Place, bool Plain, int First, int Last)
{
    /// <summary>The members of each object are in order.</summary>
    internal bool Sorted => Last < 0;
}
