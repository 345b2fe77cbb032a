using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.State;

/// <summary>Reads the JSON bodies of the state API.</summary>
internal static class StateRequests
{
    internal static List<StateWrite> Saves(JsonElement body, IReadOnlyDictionary<string, string>? query)
    {
        if (body.ValueKind == JsonValueKind.Null) return [];
        var writes = new List<StateWrite>(body.GetArrayLength());
        foreach (var item in body.EnumerateArray()) writes.Add(Write(item, query));
        return writes;
    }

    /// <summary>The operations of a transaction; <paramref name="unsupported"/> names the first that is neither upsert nor delete.</summary>
    internal static List<StateWrite> Operations(JsonElement body, out string? unsupported)
    {
        var writes = new List<StateWrite>();
        unsupported = null;
        if (!body.TryGetMember("operations", out var operations) || operations.ValueKind == JsonValueKind.Null) return writes;
        foreach (var operation in operations.EnumerateArray())
        {
            var kind = operation.TryGetMember("operation", out var name) ? name.GetString() ?? "" : "";
            if (kind is not ("upsert" or "delete"))
            {
                unsupported ??= kind;
                continue;
            }
            writes.Add(Write(operation.GetProperty("request"), null) with { IsDelete = kind == "delete" });
        }
        return writes;
    }

    internal static List<string> Keys(JsonElement body)
    {
        var keys = new List<string>();
        if (body.TryGetMember("keys", out var list) && list.ValueKind == JsonValueKind.Array)
            foreach (var key in list.EnumerateArray()) keys.Add(key.GetString() ?? "");
        return keys;
    }

    private static StateWrite Write(JsonElement item, IReadOnlyDictionary<string, string>? query)
    {
        var options = item.TryGetMember("options", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        return new StateWrite(Text(item, "key") ?? "", item.TryGetMember("value", out var value) ? GoJson.Rewrite(value) : "null"u8.ToArray())
        {
            IsJson = true,
            ETag = Text(item, "etag"),
            Concurrency = Text(options, "concurrency"),
            Consistency = Text(options, "consistency"),
            Metadata = Metadata(item, query),
        };
    }

    private static IReadOnlyDictionary<string, string>? Metadata(JsonElement item, IReadOnlyDictionary<string, string>? query)
    {
        if (!item.TryGetMember("metadata", out var own) || own.ValueKind != JsonValueKind.Object) return query;
        var metadata = new Dictionary<string, string>();
        foreach (var member in own.EnumerateObject()) metadata[member.Name] = member.Value.GetString() ?? "";
        foreach (var (key, value) in query ?? new Dictionary<string, string>()) metadata[key] = value;
        return metadata;
    }

    private static string? Text(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetMember(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;
}
