using System.Text.Json;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.Http;

/// <summary>The members of one object in a <see cref="GoDocument"/>. One that was null or of another kind has none.</summary>
internal readonly struct GoStruct(GoDocument document, JsonElement element, string type, string path)
{
    internal string Text(string name) => TextOrNull(name) ?? "";

    internal string? TextOrNull(string name) =>
        Find(name, keepNull: false) is { } value && document.IsKind(value, JsonValueKind.String, "string", At(name)) ? GoText.Of(value) : null;

    /// <summary>A map of texts, or null where there is none.</summary>
    internal Dictionary<string, string>? Texts(string name)
    {
        if (Find(name, keepNull: false) is not { } value || !document.IsKind(value, JsonValueKind.Object, "map[string]string", At(name))) return null;
        var texts = new Dictionary<string, string>();
        foreach (var member in value.EnumerateObject())
            texts[GoText.Of(member)] = document.IsKind(member.Value, JsonValueKind.String, "string", At(name)) ? GoText.Of(member.Value) : "";
        return texts;
    }

    internal List<string> List(string name)
    {
        var list = new List<string>();
        if (Find(name, keepNull: false) is not { } value || !document.IsKind(value, JsonValueKind.Array, "[]string", At(name))) return list;
        foreach (var item in value.EnumerateArray()) list.Add(document.IsKind(item, JsonValueKind.String, "string", At(name)) ? GoText.Of(item) : "");
        return list;
    }

    /// <summary>A whole number; 0 when it is absent.</summary>
    internal long Whole(string name)
    {
        if (Find(name, keepNull: false) is not { } value || !document.IsKind(value, JsonValueKind.Number, "int", At(name))) return 0;
        if (!value.TryGetInt64(out var number)) document.Refuse($"number {value.GetRawText()}", "int", At(name));
        return number;
    }

    internal bool Flag(string name) => Find(name, keepNull: false) is { ValueKind: var kind } value
        && (kind == JsonValueKind.True || (kind != JsonValueKind.False && document.IsKind(value, JsonValueKind.True, "bool", At(name))));

    /// <summary>A value of any kind; null when it is absent.</summary>
    internal JsonElement? Any(string name) => Find(name, keepNull: true);

    /// <summary>A value of any kind as Go writes it again; what is absent is null.</summary>
    internal byte[] Json(string name)
    {
        if (Any(name) is not { } value) return "null"u8.ToArray();
        try
        {
            return GoJson.Rewrite(value);
        }
        catch (NotFiniteNumberException fault)
        {
            document.Refuse($"number {fault.Message}", "float64", At(name));
            return [];
        }
    }

    /// <summary>A struct within.</summary>
    internal GoStruct Struct(string name, string inner) => document.Open(Find(name, keepNull: false) ?? default, inner, At(name));

    internal IEnumerable<GoStruct> Structs(string name, string inner) => Find(name, keepNull: false) is { } list ? document.Structs(list, inner, At(name)) : [];

    private GoPlace At(string name) => new(type[(type.LastIndexOf('.') + 1)..], path.Length == 0 ? name : $"{path}.{name}");

    private JsonElement? Find(string name, bool keepNull)
    {
        JsonElement? found = null;
        if (element.ValueKind != JsonValueKind.Object) return null;
        foreach (var member in element.EnumerateObject())
        {
            if (!member.NameEquals(name) && !GoText.Of(member).Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            if (keepNull || member.Value.ValueKind != JsonValueKind.Null) found = member.Value;
        }
        return found;
    }
}
