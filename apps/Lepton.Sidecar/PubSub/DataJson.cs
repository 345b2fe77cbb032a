using System.Text.Json;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.PubSub;

/// <summary>
/// Published JSON as daprd passes it on: members sorted, no white space, HTML characters escaped, numbers with the digits they came with. Most of what is published
/// stands so already and is copied.
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
            var value = data[Read(data, ref reader, out var stands)];
            var rewritten = stands ? [] : Rewrite(value);
            if (member is not null) json.WritePropertyName(member);
            json.WriteRawValue(stands ? value : rewritten, skipInputValidation: true);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A value that does not stand so yet.</summary>
    internal static byte[] Rewrite(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        using var document = JsonDocument.ParseValue(ref reader);
        return GoJson.Rewrite(document.RootElement, keepNumbers: true);
    }

    /// <summary>Reads the value whose first token the reader has read to its end, and says where it is and whether it stands as it would be written.</summary>
    internal static Range Read(ReadOnlySpan<byte> data, ref Utf8JsonReader reader, out bool stands)
    {
        Span<Level> levels = stackalloc Level[Deepest + 2];
        var (ground, begin, bytes) = (reader.CurrentDepth, (int)reader.TokenStartIndex, 0L);
        stands = true;
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
                stands &= !reader.ValueIsEscaped && reader.ValueSpan.IndexOfAny(Escaped) < 0;
            }
            if (named)
            {
                stands &= level.Length < 0 || data.Slice(level.Name, level.Length).SequenceCompareTo(reader.ValueSpan) < 0;
                (level.Name, level.Length) = ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            }
            if (opens) levels[reader.CurrentDepth + 1] = new Level { IsList = token == JsonTokenType.StartArray, Length = -1 };
            if ((reader.CurrentDepth == ground && !opens) || !reader.Read()) break;
        }
        stands &= bytes == reader.BytesConsumed - begin;
        return begin..(int)reader.BytesConsumed;
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
