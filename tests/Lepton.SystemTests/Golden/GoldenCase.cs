using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lepton.SystemTests.Golden;

/// <summary>A case does not hold.</summary>
internal sealed class GoldenException(string message) : Exception(message);

/// <summary>A recorded conversation: a file under `cases/`.</summary>
internal sealed partial class GoldenCase(string name, JsonObject spec)
{
    /// <summary>A window of time this narrow only holds when nothing else runs.</summary>
    private const int NarrowMs = 1300;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    private static readonly ConcurrentDictionary<string, bool> Narrow = new();

    internal string Name { get; } = name;

    internal JsonObject Spec { get; } = spec;

    /// <summary>All recorded cases by name.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. Directory.EnumerateFiles(Path.Combine(Folder, "cases"), "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Path.Combine(Folder, "cases"), file)[..^5].Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>What is not offered: case and reason, one a line.</summary>
    internal static IReadOnlyDictionary<string, string> NotOffered { get; } = File.ReadLines(Path.Combine(Folder, "not-offered.tsv"))
        .Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split('\t', 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim());

    /// <summary>The cases that must hold: all, against another runtime.</summary>
    internal static IEnumerable<string> Offered => Environment.GetEnvironmentVariable("GOLDEN_RUNTIME") is { Length: > 0 } ? Names : Names.Where(name => !NotOffered.ContainsKey(name));

    internal static GoldenCase Read(string name) => new(name, JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "cases", name + ".json")))!.AsObject());

    /// <summary>The case measures times in windows so narrow that it runs alone.</summary>
    internal static bool IsNarrow(string name) => Narrow.GetOrAdd(name, static name =>
    {
        var spec = Read(name).Spec;
        return spec.Maps("steps").Any(step => step.Text("runtime") == "exits") || Windows(spec).Any(window => window <= NarrowMs);
    });

    /// <summary>The case measures times at all, or the runtime does: a probe of the app's health has a limit.</summary>
    internal static bool IsTimed(string name) => IsNarrow(name) || Read(name).Spec is var spec && (Windows(spec).Any() || spec.ToJsonString().Contains("--app-health-probe-timeout", StringComparison.Ordinal));

    private static IEnumerable<double> Windows(JsonNode? node) => node switch
    {
        JsonArray list => list.SelectMany(Windows),
        JsonObject map => map.SelectMany(member => member.Value is JsonObject window && Milliseconds().IsMatch(member.Key) && window["max"] is { } max
            ? [max.GetValue<double>() - (window["min"]?.GetValue<double>() ?? 0)]
            : Windows(member.Value)),
        _ => [],
    };

    [GeneratedRegex("Ms$")]
    private static partial Regex Milliseconds();
}
