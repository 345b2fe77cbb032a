namespace Lepton.Sidecar.Hosting;

/// <summary>Flags as daprd takes them: one or two dashes, the value after a space or an equals sign, repeatable.</summary>
internal sealed class Flags
{
    private readonly Dictionary<string, List<string>> values = [];

    internal Flags(string[] arguments, string[] switches)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].StartsWith('-')) throw new RuntimeException($"'{arguments[i]}' is not expected. See --help.");
            var parts = arguments[i].TrimStart('-').Split('=', 2);
            var alone = parts.Length == 1 && (switches.Contains(parts[0]) || i + 1 >= arguments.Length || arguments[i + 1].StartsWith("--", StringComparison.Ordinal));
            var value = parts.Length == 2 ? parts[1] : alone ? "true" : arguments[++i];
            if (!values.TryGetValue(parts[0], out var list)) values[parts[0]] = list = [];
            list.Add(value);
        }
    }

    internal string? One(string name) => values.TryGetValue(name, out var list) ? list[^1] : null;

    internal IReadOnlyList<string> All(string name) => values.TryGetValue(name, out var list) ? list : [];

    /// <summary>All values of a flag that takes several at once, with commas between.</summary>
    internal IEnumerable<string> Several(string name) => All(name).SelectMany(static list => list.Split(',', StringSplitOptions.RemoveEmptyEntries));

    internal bool Has(string name) => One(name) is "true" or "1" or "";

    internal int Number(string name, int otherwise) => One(name) is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, out var number) ? number
        : throw new RuntimeException($"--{name} is '{text}', which is no whole number.");
}
