using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Lepton.Sidecar.Http;

/// <summary>
/// A request body read as protobuf's JSON: names as they are spelt in lowerCamelCase or in the proto, unknown ones ignored, none twice, numbers also as texts, null as absent.
/// What is wrong is told with its line and column, as daprd tells it.
/// </summary>
internal sealed class ProtoDocument : IDisposable
{
    private const int LongestToken = 32;
    private static readonly SearchValues<byte> Known = SearchValues.Create(",:{}[]\""u8);
    private static readonly SearchValues<byte> Word = SearchValues.Create("-+._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"u8);
    private readonly ReadOnlyMemory<byte> body;
    private readonly JsonDocument document;

    private ProtoDocument(ReadOnlyMemory<byte> body, JsonDocument document) => (this.body, this.document) = (body, document);

    /// <exception cref="JsonException">The body is no JSON object; the message says where.</exception>
    internal static ProtoDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty) body = "{}"u8.ToArray();
        try
        {
            return new(body, JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 500 }));
        }
        catch (JsonException fault)
        {
            if (GoSyntax.OfBody(body.Span) is "EOF" or "unexpected EOF") throw new JsonException("proto: unexpected EOF", fault);
            var line = (int)(fault.LineNumber ?? 0);
            var start = Start(body.Span, line) + (int)(fault.BytePositionInLine ?? 0);
            while (start > 0 && Word.Contains(body.Span[start - 1])) start--;
            throw new JsonException($"proto: syntax error (line {line + 1}:{Column(body.Span, start)}): {Unreadable(body.Span[Math.Min(start, body.Length)..])}", fault);
        }
    }

    /// <exception cref="JsonException">The body is no object.</exception>
    internal ProtoMessage Root => document.RootElement.ValueKind == JsonValueKind.Object
        ? new(this, document.RootElement)
        : throw new JsonException($"proto: syntax error {Place(document.RootElement)}: unexpected token {Raw(document.RootElement)}");

    internal JsonException Fault(JsonElement at, string what) => new($"proto: {Place(at)}: {what}");

    internal JsonException Twice(JsonProperty member) => new($"proto: {Place(member)}: duplicate field \"{GoText.Of(member)}\"");

    /// <exception cref="JsonException">The name escapes half a character.</exception>
    internal bool IsNamed(JsonProperty member, string name)
    {
        try
        {
            return member.NameEquals(name);
        }
        catch (InvalidOperationException fault)
        {
            var raw = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member));
            var half = Math.Max(0, raw.IndexOf("\\ud", StringComparison.OrdinalIgnoreCase));
            throw new JsonException($"proto: syntax error {Place(member)}: invalid escape code \"\\{raw[half..Math.Min(raw.Length, half + 6)]}\" in string", fault);
        }
    }

    private string Place(JsonProperty member)
    {
        body.Span.Overlaps(JsonMarshal.GetRawUtf8PropertyName(member), out var offset);
        return Place(offset - 1);
    }

    /// <summary>A value as it was written; of an object or array only how it begins.</summary>
    internal static string Raw(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{",
        JsonValueKind.Array => "[",
        _ => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value)),
    };

    private string Place(JsonElement at)
    {
        body.Span.Overlaps(JsonMarshal.GetRawUtf8Value(at), out var offset);
        return Place(offset);
    }

    private string Place(int offset) => $"(line {body.Span[..offset].Count((byte)'\n') + 1}:{Column(body.Span, offset)})";

    private static int Start(ReadOnlySpan<byte> text, int line)
    {
        var start = 0;
        for (; line > 0 && text[start..].IndexOf((byte)'\n') is >= 0 and var end; line--) start += end + 1;
        return start;
    }

    private static int Column(ReadOnlySpan<byte> text, int offset)
    {
        var before = text[..Math.Min(offset, text.Length)];
        return Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
    }

    private static string Unreadable(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || Known.Contains(rest[0])) return "unexpected token " + Encoding.UTF8.GetString(rest[..Math.Min(1, rest.Length)]);
        var length = rest.IndexOfAnyExcept(Word);
        if (length < 0) length = rest.Length;
        var token = length > 0 ? Encoding.UTF8.GetString(rest[..Math.Min(LongestToken, length)]) : Encoding.UTF8.GetString(rest)[..1];
        return (rest[0] is (byte)'-' or (>= (byte)'0' and <= (byte)'9') ? "invalid number " : "invalid value ") + token;
    }

    public void Dispose() => document.Dispose();
}

/// <summary>The fields of one message in a <see cref="ProtoDocument"/>. Each throws a JsonException for a value of another kind.</summary>
internal readonly struct ProtoMessage(ProtoDocument document, JsonElement element)
{
    internal string? Text(string name) => Field(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => GoText.Of(text),
        { } other => throw Wrong(other, "string", name),
    };

    internal bool? Bool(string name) => Field(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Wrong(other, "bool", name),
    };

    internal int? Int32(string name) => Number(name, "int32", int.MinValue, int.MaxValue) is { } number ? (int)number : null;

    internal uint? UInt32(string name) => Number(name, "uint32", 0, uint.MaxValue) is { } number ? (uint)number : null;

    internal ProtoMessage? Message(string name) => Field(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } message => new ProtoMessage(document, message),
        { } other => throw document.Fault(other, $"unexpected token {ProtoDocument.Raw(other)}"),
    };

    internal TimeSpan? Duration(string name)
    {
        if (Field(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 1 } text && text[^1] == 's'
            && decimal.TryParse(text.AsSpan(0, text.Length - 1), System.Globalization.NumberStyles.AllowLeadingSign | System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var seconds)
            && Math.Abs(seconds) <= 315_576_000_000)
            return TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        throw document.Fault(value, $"invalid google.protobuf.Duration value {ProtoDocument.Raw(value)}");
    }

    /// <summary>A field of any kind; one that may be null keeps its null.</summary>
    internal JsonElement? Field(string name, bool keepNull = false)
    {
        JsonElement? found = null;
        var other = Underscored(name);
        foreach (var member in element.EnumerateObject())
        {
            if (!document.IsNamed(member, name) && !document.IsNamed(member, other)) continue;
            if (found is not null) throw document.Twice(member);
            found = member.Value;
        }
        return found is { ValueKind: JsonValueKind.Null } && !keepNull ? null : found;
    }

    private double? Number(string name, string type, double least, double most)
    {
        if (Field(name) is not { } value) return null;
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind == JsonValueKind.String ? GoText.Of(value) : "";
        return double.TryParse(text, System.Globalization.NumberStyles.Float & ~System.Globalization.NumberStyles.AllowLeadingWhite & ~System.Globalization.NumberStyles.AllowTrailingWhite, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most && Math.Floor(number) == number
            ? number
            : throw Wrong(value, type, name);
    }

    private JsonException Wrong(JsonElement value, string type, string name) => document.Fault(value, $"invalid value for {type} field {name}: {ProtoDocument.Raw(value)}");

    private static string Underscored(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c)) text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
