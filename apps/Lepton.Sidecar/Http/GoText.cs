using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Lepton.Sidecar.Http;

/// <summary>Texts as Go reads them out of JSON: what is no Unicode (half a surrogate pair, broken UTF-8) becomes U+FFFD where .NET would refuse it.</summary>
internal static class GoText
{
    internal static string Of(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException) when (text.ValueKind == JsonValueKind.String)
        {
            return Unescape(JsonMarshal.GetRawUtf8Value(text)[1..^1]);
        }
    }

    internal static string Of(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return Unescape(JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }

    /// <summary>Bytes as text: each that is no part of a character becomes U+FFFD, where .NET makes one of several.</summary>
    internal static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var whole = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done;
            text.Append(rune.ToString());
            bytes = bytes[(whole ? length : 1)..];
        }
        return text.ToString();
    }

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var escaped = Encoding.UTF8.GetString(raw);
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }
            var kind = escaped[++i];
            if (kind == 'u')
            {
                text.Append((char)ushort.Parse(escaped.AsSpan(i + 1, 4), System.Globalization.NumberStyles.AllowHexSpecifier));
                i += 4;
                continue;
            }
            text.Append(kind switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => kind });
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else text[i] = '\uFFFD';
        }
        return text.ToString();
    }
}
