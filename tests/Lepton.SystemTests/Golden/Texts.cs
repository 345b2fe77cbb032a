using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lepton.SystemTests.Golden;

/// <summary>Fills `${...}` in the strings of a case.</summary>
internal static partial class Texts
{
    internal static string Fill(string text, Func<string, string> value) => text.Contains("${", StringComparison.Ordinal) ? Hole().Replace(text, m => value(m.Groups[1].Value)) : text;

    internal static JsonNode? Fill(JsonNode? node, Func<string, string> value)
    {
        switch (node)
        {
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Fill(item, value))]);
            case JsonObject map:
                var filled = new JsonObject();
                foreach (var (key, item) in map) filled[Fill(key, value)] = Fill(item, value);
                return filled;
            default:
                return Match.TextOf(node) is { } text ? JsonValue.Create(Fill(text, value)) : node?.DeepClone();
        }
    }

    [GeneratedRegex(@"\$\{([^}]+)\}")]
    private static partial Regex Hole();
}

/// <summary>Reading members of a case.</summary>
internal static class Members
{
    internal static string? Text(this JsonObject map, string name) => Match.TextOf(map[name]);

    internal static int Number(this JsonObject map, string name, int otherwise) => map[name] is { } node ? (int)node.AsValue().GetValue<double>() : otherwise;

    internal static bool Flag(this JsonObject map, string name) => map[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    internal static JsonObject? Map(this JsonObject map, string name) => map[name] as JsonObject;

    internal static IEnumerable<JsonObject> Maps(this JsonObject map, string name) => (map[name] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>The bytes that `json`, `text`, `base64` or `bytes` (that many) stand for; null when none is given.</summary>
    internal static byte[]? Bytes(this JsonObject map) =>
        map.ContainsKey("json") ? System.Text.Encoding.UTF8.GetBytes(map["json"]?.ToJsonString(Plain) ?? "null")
        : map.Text("text") is { } text ? System.Text.Encoding.UTF8.GetBytes(text)
        : map.Text("base64") is { } base64 ? Convert.FromBase64String(base64)
        : map.ContainsKey("bytes") ? System.Text.Encoding.ASCII.GetBytes(new string('a', map.Number("bytes", 0)))
        : null;

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A body as cases speak of it: `json` with its text, `text`, or `base64` when it is no text.</summary>
    internal static void PutBody(this JsonObject map, byte[] body, string? contentType)
    {
        if (body.Length == 0)
        {
            map["text"] = "";
            return;
        }
        var text = System.Text.Encoding.UTF8.GetString(body);
        if (contentType?.Contains("json", StringComparison.Ordinal) == true)
        {
            try
            {
                using var document = System.Text.Json.JsonDocument.Parse(text);
                map["json"] = Copy(document.RootElement);
                map["text"] = text;
                return;
            }
            catch (System.Text.Json.JsonException)
            {
                // No JSON after all.
            }
        }
        if (System.Text.Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(body)) map["text"] = text;
        else map["base64"] = Convert.ToBase64String(body);
    }

    /// <summary>Of members with one name the last counts, as in every client's parser.</summary>
    private static JsonNode? Copy(System.Text.Json.JsonElement value)
    {
        if (value.ValueKind == System.Text.Json.JsonValueKind.Array) return new JsonArray([.. value.EnumerateArray().Select(Copy)]);
        if (value.ValueKind != System.Text.Json.JsonValueKind.Object) return JsonNode.Parse(value.GetRawText());
        var map = new JsonObject();
        foreach (var member in value.EnumerateObject()) map[member.Name] = Copy(member.Value);
        return map;
    }
}
