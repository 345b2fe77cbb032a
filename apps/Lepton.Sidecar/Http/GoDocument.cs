using System.Text.Json;

namespace Lepton.Sidecar.Http;

/// <summary>
/// A request body read as Go's JSON decoder reads one: the first value counts and what follows it does not; members are taken by name in any case, the last of several wins,
/// null leaves a member as it was, and the first value of a wrong kind is a fault in Go's words.
/// </summary>
internal sealed class GoDocument : IDisposable
{
    private const int Deepest = 500;
    private readonly JsonDocument? document;

    private GoDocument(JsonDocument? document, string? fault) => (this.document, Fault) = (document, fault);

    /// <summary>What is wrong with the body; known only once the members that matter have been read.</summary>
    internal string? Fault { get; private set; }

    internal static GoDocument Parse(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = Deepest });
        try
        {
            return new(JsonDocument.ParseValue(ref reader), null);
        }
        catch (JsonException fault)
        {
            return new(null, GoSyntax.OfBody(body.Span) ?? fault.Message);
        }
    }

    /// <summary>The body as one struct of Go.</summary>
    internal GoStruct Struct(string type) => document is null ? default : Open(document.RootElement, type, new(null, ""));

    /// <summary>The body as a list of structs.</summary>
    internal IEnumerable<GoStruct> Structs(string type) => document is null ? [] : Structs(document.RootElement, type, new(null, ""));

    internal IEnumerable<GoStruct> Structs(JsonElement list, string type, GoPlace place)
    {
        if (!IsKind(list, JsonValueKind.Array, "[]" + type, place)) yield break;
        foreach (var item in list.EnumerateArray()) yield return Open(item, type, place);
    }

    internal GoStruct Open(JsonElement value, string type, GoPlace place) =>
        new(this, IsKind(value, JsonValueKind.Object, type, place) ? value : default, type, place.Path);

    /// <summary>Whether a value has a kind; null has none, and any other is a fault.</summary>
    internal bool IsKind(JsonElement value, JsonValueKind kind, string type, GoPlace place)
    {
        if (value.ValueKind == kind) return true;
        if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)) Refuse(Kind(value), type, place);
        return false;
    }

    internal void Refuse(string value, string type, GoPlace place) =>
        Fault ??= $"json: cannot unmarshal {value} into Go {(place.Owner is null ? "value" : $"struct field {place.Owner}.{place.Path}")} of type {type}";

    internal static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };

    public void Dispose() => document?.Dispose();
}

/// <summary>Where a value stands: the struct that owns it and the names that lead to it.</summary>
internal readonly record struct GoPlace(string? Owner, string Path);
