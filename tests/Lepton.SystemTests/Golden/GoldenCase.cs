using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lepton.SystemTests.Golden;

/// <summary>A case does not hold.</summary>
internal sealed class GoldenException(string message) : Exception(message);

/// <summary>A recorded conversation: a file under `cases/`; or one under `derived/`, written after daprd's source.</summary>
internal sealed partial class GoldenCase(string name, JsonObject spec)
{
    /// <summary>A time this short may pass before a busy machine gets to the work.</summary>
    private const int ShortMs = 2500;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    private static readonly ConcurrentDictionary<string, bool> Timed = new();

    internal string Name { get; } = name;

    internal JsonObject Spec { get; } = spec;

    private const string Derived = "derived/";

    /// <summary>All cases by name; those that were not recorded begin with `derived/`.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. Under("cases").Concat(Under(Derived).Select(static name => Derived + name)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Under(string folder) => Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Path.Combine(Folder, folder), file)[..^5].Replace('\\', '/'));

    private static string FileOf(string name) => Path.Combine(Folder, name.StartsWith(Derived, StringComparison.Ordinal) ? name : "cases/" + name) + ".json";

    /// <summary>What is not offered: case and reason, one a line.</summary>
    internal static IReadOnlyDictionary<string, string> NotOffered { get; } = File.ReadLines(Path.Combine(Folder, "not-offered.tsv"))
        .Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split('\t', 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim());

    /// <summary>The cases that must hold: all, against another runtime.</summary>
    internal static IEnumerable<string> Offered => Environment.GetEnvironmentVariable("GOLDEN_RUNTIME") is { Length: > 0 } ? Names : Names.Where(name => !NotOffered.ContainsKey(name));

    internal static GoldenCase Read(string name) => new(name, JsonNode.Parse(File.ReadAllText(FileOf(name)))!.AsObject());

    /// <summary>The case measures times, or something in it ends after a short while: what holds on a machine with nothing else to do may not hold in a crowd.</summary>
    internal static bool IsTimed(string name) => Timed.GetOrAdd(name, static name =>
    {
        var spec = Read(name).Spec;
        return spec.Maps("steps").Any(IsTimed) || spec.ToJsonString().Contains("--app-health-probe-timeout", StringComparison.Ordinal);
    });

    private static bool IsTimed(JsonObject step) =>
        step.Text("runtime") == "exits" || Math.Min(step.Number("deadlineMs", int.MaxValue), step.Number("withinMs", int.MaxValue)) <= ShortMs || HasWindow(step["expect"]);

    /// <summary>A gap may turn out too small as well as too large; a call only takes longer.</summary>
    private static bool HasWindow(JsonNode? node) => node switch
    {
        JsonArray list => list.Any(HasWindow),
        JsonObject map => map.Any(member => member.Value is JsonObject window && Milliseconds().IsMatch(member.Key)
            ? member.Key != "tookMs" || window.Number("max", int.MaxValue) <= ShortMs
            : HasWindow(member.Value)),
        _ => false,
    };

    [GeneratedRegex("Ms$")]
    private static partial Regex Milliseconds();
}
