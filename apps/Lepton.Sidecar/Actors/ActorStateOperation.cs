using System.Text;
using System.Text.Json;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.Actors;

/// <summary>One change of an actor's state.</summary>
internal sealed record ActorStateOperation(string Key, ReadOnlyMemory<byte> Value, bool IsDelete, string? ETag, TimeSpan? Ttl)
{
    /// <summary>The operations of a state transaction's body; null has none.</summary>
    internal static List<ActorStateOperation> Read(JsonElement root, bool takesTtl) =>
        root.ValueKind == JsonValueKind.Null ? [] : [.. root.EnumerateArray().Select(entry => ReadOne(entry, takesTtl))];

    // Members as Go reads them: names in any case, and of several the last that is not null.
    private static ActorStateOperation ReadOne(JsonElement entry, bool takesTtl)
    {
        var (operation, request) = ("", default(JsonElement));
        if (entry.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in entry.EnumerateObject())
            {
                if (member.Name.Equals("request", StringComparison.OrdinalIgnoreCase)) request = member.Value;
                if (member.Name.Equals("operation", StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind != JsonValueKind.Null) operation = member.Value.GetString()!;
            }
        }
        if (request.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) throw ActorFault.StateSave("request data is empty");
        if (operation.Length == 0) throw ActorFault.StateSave("operation is empty");
        if (operation is not ("upsert" or "delete")) throw ActorFault.StateSave($"operation type {operation} not supported");
        if (request.ValueKind != JsonValueKind.Object) throw ActorFault.StateSave($"'' expected a map, got '{GoKind(request)}'");
        return ReadRequest(request, operation == "delete", takesTtl);
    }

    private static ActorStateOperation ReadRequest(JsonElement request, bool isDelete, bool takesTtl)
    {
        string? key = null, etag = null, ttl = null;
        byte[] value = [.. "null"u8];
        foreach (var member in request.EnumerateObject())
        {
            switch (member.Name.ToLowerInvariant())
            {
                case "key": key = Text("Key", member.Value); break;
                case "etag": etag = Text("ETag", member.Value); break;
                case "value" when !isDelete: value = GoJson.Rewrite(member.Value); break;
                case "metadata" when !isDelete && member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var entry in member.Value.EnumerateObject())
                    {
                        var text = Text($"Metadata[{entry.Name}]", entry.Value);
                        if (entry.Name == "ttlInSeconds") ttl = text ?? "";
                    }
                    break;
            }
        }
        return new ActorStateOperation(CheckKey(key), value, isDelete, etag, ReadTtl(ttl, takesTtl));
    }

    internal static string CheckKey(string? key) => string.IsNullOrEmpty(key) ? throw ActorFault.StateSave("missing key") : key;

    private static string? Text(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => throw ActorFault.StateSave($"1 error(s) decoding:\n\n* '{name}' expected type 'string', got unconvertible type '{GoKind(value)}', value: '{Encoding.UTF8.GetString(GoJson.Rewrite(value))}'"),
    };

    private static string GoKind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "float64",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "slice",
        _ => "map[string]interface {}",
    };

    /// <summary>Seconds as text; less than one never expires.</summary>
    internal static TimeSpan? ReadTtl(string? text, bool takesTtl)
    {
        if (text is null) return null;
        if (!takesTtl) throw ActorFault.StateSave("ttlInSeconds is not supported without the \"ActorStateTTL\" feature enabled");
        if (text.Length == 0) return null;
        if (!long.TryParse(text, out var seconds)) throw ActorFault.StateSave($"value of metadata 'ttlInSeconds' is no number: '{text}'");
        return seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
