using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lepton.SystemTests.Golden;

/// <summary>Compares what a runtime answered with what a case expects: objects and arrays are exact unless the case says otherwise.</summary>
internal sealed partial class Match(Dictionary<string, JsonNode?> saved)
{
    private const string Open = "...";
    private const string Unordered = "<unordered>";

    /// <summary>The differences; none when they agree.</summary>
    internal List<string> Differences(JsonNode? expected, JsonNode? actual, string path = "$")
    {
        var found = new List<string>();
        Compare(expected, actual, path, found);
        return found;
    }

    private void Compare(JsonNode? expected, JsonNode? actual, string path, List<string> found)
    {
        switch (expected)
        {
            case JsonArray list:
                CompareList(list, actual, path, found);
                break;
            case JsonObject map when map.TryGetPropertyValue(Unordered, out var items):
                CompareUnordered((JsonArray)items!, actual, path, map.ContainsKey(Open), found);
                break;
            case JsonObject map:
                CompareMap(map, actual, path, found);
                break;
            default:
                if (TextOf(expected) is { } text ? !Holds(text, actual) : !Same(expected, actual)) found.Add($"{path}: expected {Show(expected)}, got {Show(actual)}");
                break;
        }
    }

    private void CompareList(JsonArray expected, JsonNode? actual, string path, List<string> found)
    {
        if (actual is not JsonArray list)
        {
            found.Add($"{path}: expected an array, got {Show(actual)}");
            return;
        }
        if (expected.Count != list.Count) found.Add($"{path}: expected {expected.Count} items, got {list.Count}: {Show(actual)}");
        for (var i = 0; i < Math.Min(expected.Count, list.Count); i++) Compare(expected[i], list[i], $"{path}[{i}]", found);
    }

    private void CompareMap(JsonObject expected, JsonNode? actual, string path, List<string> found)
    {
        if (actual is not JsonObject map)
        {
            found.Add($"{path}: expected an object, got {Show(actual)}");
            return;
        }
        foreach (var (key, value) in expected)
        {
            if (key == Open) continue;
            var has = map.TryGetPropertyValue(key, out var given);
            if (TextOf(value) == "<absent>")
            {
                if (has) found.Add($"{path}.{key}: expected absent, got {Show(given)}");
            }
            else if (!has)
            {
                found.Add($"{path}.{key}: missing, expected {Show(value)}");
            }
            else
            {
                Compare(value, given, $"{path}.{key}", found);
            }
        }
        if (expected.ContainsKey(Open)) return;
        foreach (var (key, value) in map)
            if (!expected.ContainsKey(key)) found.Add($"{path}.{key}: not expected, got {Show(value)}");
    }

    private void CompareUnordered(JsonArray expected, JsonNode? actual, string path, bool open, List<string> found)
    {
        if (actual is not JsonArray list)
        {
            found.Add($"{path}: expected an array, got {Show(actual)}");
            return;
        }
        var left = list.ToList();
        foreach (var item in expected)
        {
            var at = left.FindIndex(one => new Match(new Dictionary<string, JsonNode?>(saved)).Differences(item, one).Count == 0);
            if (at < 0)
            {
                found.Add($"{path}: no item like {Show(item)} among {Show(list)}");
                continue;
            }
            Compare(item, left[at], path, found);
            left.RemoveAt(at);
        }
        if (!open && left.Count > 0) found.Add($"{path}: not expected: {string.Join(", ", left.Select(Show))}");
    }

    private bool Holds(string expected, JsonNode? actual)
    {
        var text = TextOf(actual);
        if (Placeholder().Match(expected) is not { Success: true } match) return expected == text;
        var argument = match.Groups[2].Value;
        switch (match.Groups[1].Value)
        {
            case "save":
                saved[argument] = actual;
                return actual is not null;
            case "use": return Same(saved.GetValueOrDefault(argument), actual);
            case "not": return !Same(saved.GetValueOrDefault(argument), actual);
            case "re": return text is not null && Regex.IsMatch(text, argument);
            case "contains": return text is not null && text.Contains(argument, StringComparison.Ordinal);
            case "b64": return text is not null && TryBase64(text, out var decoded) && decoded == argument;
            case "any": return true;
            case "string": return text is not null;
            case "number": return actual?.GetValueKind() == JsonValueKind.Number;
            case "int": return Whole().IsMatch(Plain(actual));
            case "uuid": return text is not null && Uuid().IsMatch(text);
            case "time": return text is not null && Time().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
            case "traceparent": return text is not null && TraceParent().IsMatch(text);
            case "non-empty": return actual is not null && text != "";
            default: return expected == text;
        }
    }

    /// <summary>A value as `${save.NAME}` puts it into a text.</summary>
    internal static string Plain(JsonNode? node) => TextOf(node) ?? node?.ToJsonString() ?? "null";

    internal static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool Same(JsonNode? expected, JsonNode? actual) =>
        expected?.GetValueKind() == JsonValueKind.Number && actual?.GetValueKind() == JsonValueKind.Number
            ? Number(expected).Equals(Number(actual))
            : JsonNode.DeepEquals(expected, actual);

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private static bool TryBase64(string text, out string decoded)
    {
        try
        {
            decoded = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(text));
            return true;
        }
        catch (FormatException)
        {
            decoded = "";
            return false;
        }
    }

    private static string Show(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "nothing";
        return text.Length > 1500 ? text[..1500] + "…" : text;
    }

    [GeneratedRegex(@"^<([a-z0-9-]+)(?::([\s\S]*))?>$")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^-?\d+$")]
    private static partial Regex Whole();

    [GeneratedRegex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")]
    private static partial Regex Time();

    [GeneratedRegex("^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
    private static partial Regex TraceParent();
}
