using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.State;

/// <summary>
/// The `request` of one operation in a transaction. daprd does not decode it as JSON but maps it onto a struct, field by field, which finds all faults at once and
/// says them in its own way.
/// </summary>
internal static class TransactionRequest
{
    /// <returns>What is wrong with it, or null.</returns>
    internal static string? Read(JsonElement? request, bool delete, IReadOnlyDictionary<string, string>? query, out StateWrite write)
    {
        write = new StateWrite("", "null"u8.ToArray()) { IsDelete = delete, IsJson = true, Metadata = query };
        if (request is not { } given || given.ValueKind == JsonValueKind.Null) return null;
        if (given.ValueKind != JsonValueKind.Object) return Faults([$"'' expected a map, got '{Kind(given)}'"]);
        var faults = new List<string>();
        var options = Field(given, "Options");
        if (options is { ValueKind: not JsonValueKind.Object } other)
        {
            faults.Add($"'Options' expected a map, got '{Kind(other)}'");
            options = null;
        }
        try
        {
            write = write with
            {
                Key = Text(given, "Key", "Key") ?? "",
                Value = !delete && Field(given, "Value") is { } value ? GoJson.Rewrite(value) : write.Value,
                ETag = Text(given, "ETag", "ETag"),
                Concurrency = options is null ? null : Text(options.Value, "Concurrency", "Options.Concurrency"),
                Consistency = options is null ? null : Text(options.Value, "Consistency", "Options.Consistency"),
                Metadata = StateRequests.Merged(Texts(given, "Metadata"), query),
            };
        }
        catch (NotFiniteNumberException fault)
        {
            return $"json: cannot unmarshal number {fault.Message} into Go struct field stateTransactionRequestBodyOperation.operations.request of type float64";
        }
        return faults.Count == 0 ? null : Faults(faults);

        string? Text(JsonElement owner, string field, string name)
        {
            if (Field(owner, field) is not { } value) return null;
            if (value.ValueKind == JsonValueKind.String) return GoText.Of(value);
            faults.Add(Unconvertible(name, value));
            return null;
        }

        Dictionary<string, string>? Texts(JsonElement owner, string field)
        {
            if (Field(owner, field) is not { } map) return null;
            if (map.ValueKind != JsonValueKind.Object)
            {
                faults.Add($"'{field}' expected a map, got '{Kind(map)}'");
                return null;
            }
            var texts = new Dictionary<string, string>();
            foreach (var member in map.EnumerateObject())
            {
                if (member.Value.ValueKind is JsonValueKind.String) texts[GoText.Of(member)] = GoText.Of(member.Value);
                else if (member.Value.ValueKind is JsonValueKind.Null) texts[GoText.Of(member)] = "";
                else faults.Add(Unconvertible($"{field}[{GoText.Of(member)}]", member.Value));
            }
            return texts;
        }
    }

    private static JsonElement? Field(JsonElement owner, string name)
    {
        JsonElement? found = null;
        foreach (var member in owner.EnumerateObject())
            if (GoText.Of(member).Equals(name, StringComparison.OrdinalIgnoreCase)) found = member.Value;
        return found is { ValueKind: JsonValueKind.Null } ? null : found;
    }

    private static string Faults(List<string> faults) => $"{faults.Count} error(s) decoding:\n\n{string.Join('\n', faults.Select(static f => "* " + f).Order(StringComparer.Ordinal))}";

    private static string Unconvertible(string name, JsonElement value) =>
        $"'{name}' expected type 'string', got unconvertible type '{Type(value)}', value: '{GoPrint.Of(value)}'";

    private static string Type(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.Number => "float64",
        JsonValueKind.String => "string",
        _ => "bool",
    };

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "map",
        JsonValueKind.Array => "slice",
        JsonValueKind.Number => "float64",
        JsonValueKind.String => "string",
        _ => "bool",
    };
}
