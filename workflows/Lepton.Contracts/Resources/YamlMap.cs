using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Lepton.Contracts.Resources;

/// <summary>
/// A mapping of a YAML document that is read member by member. Each read that finds a wrong or missing value adds a
/// <see cref="Fault"/> with file, line and cure and returns a harmless default, so that one pass reports every fault.
/// <see cref="Close"/> reports the members that nobody asked for.
/// </summary>
public sealed class YamlMap
{
    private readonly YamlMappingNode node;
    private readonly HashSet<string> asked = [];

    internal YamlMap(string file, string path, YamlMappingNode node, List<Fault> faults)
    {
        File = file;
        Path = path;
        this.node = node;
        Faults = faults;
    }

    /// <summary>The file the mapping stands in.</summary>
    public string File { get; }

    /// <summary>Where the mapping stands in its document, such as <c>spec.gate</c>; empty for the document itself.</summary>
    public string Path { get; }

    /// <summary>The line the mapping begins on, counted from 1.</summary>
    public int Line => (int)node.Start.Line;

    /// <summary>Where faults are collected; shared by all mappings of one load.</summary>
    public List<Fault> Faults { get; }

    /// <summary>The member names, in file order.</summary>
    public IEnumerable<string> Keys => node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "");

    /// <summary>Reads every mapping document of a YAML text. Text that is no YAML is one fault.</summary>
    public static IReadOnlyList<YamlMap> Parse(string file, string text, List<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            faults.Add(new Fault(file, (int)error.Start.Line, $"is not YAML: {error.Message}", "correct the text at this line"));
            return [];
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // The reader's own state breaks on some texts, so it cannot say where.
            faults.Add(new Fault(file, 0, $"is not YAML: {error.Message}", "look for an unfinished bracket, quote or tag"));
            return [];
        }

        var maps = new List<YamlMap>();
        foreach (var document in stream.Documents)
        {
            if (document.RootNode is YamlMappingNode map)
            {
                maps.Add(new YamlMap(file, "", map, faults));
            }
            else if (document.RootNode is not YamlScalarNode { Value: null or "" })
            {
                faults.Add(new Fault(file, (int)document.RootNode.Start.Line, "the document is not a mapping", "begin it with `apiVersion:` and `kind:`"));
            }
        }

        return maps;
    }

    /// <summary>True when the member is there (also when its value is null).</summary>
    public bool Has(string key) => node.Children.ContainsKey(new YamlScalarNode(key));

    /// <summary>The line of a member, or of the mapping when the member is absent.</summary>
    public int LineOf(string key) => Find(key) is { } value ? (int)value.Start.Line : Line;

    /// <summary>Adds a fault about a member.</summary>
    public void Report(string key, string problem, string cure) => Faults.Add(new Fault(File, LineOf(key), $"`{PathOf(key)}` {problem}", cure));

    /// <summary>A scalar as text; <paramref name="otherwise"/> when absent or null.</summary>
    public string? Text(string key, string? otherwise = null)
    {
        switch (Find(key))
        {
            case null:
                return otherwise;
            case YamlScalarNode scalar:
                return IsNull(scalar) ? otherwise : scalar.Value;
            default:
                Report(key, "is not a single value", "write one value here");
                return otherwise;
        }
    }

    /// <summary>A scalar that must be there.</summary>
    public string RequiredText(string key, string cure)
    {
        if (Text(key) is { Length: > 0 } text)
        {
            return text;
        }

        if (Find(key) is null or YamlScalarNode)
        {
            Report(key, "is missing", cure);
        }

        return "";
    }

    /// <summary>One of the given words (compared exactly).</summary>
    public string Choice(string key, string otherwise, params ReadOnlySpan<string> words)
    {
        var text = Text(key, otherwise)!;
        if (words.Contains(text))
        {
            return text;
        }

        Report(key, $"is '{text}'", $"use one of {string.Join(", ", words.ToArray())}");
        return otherwise;
    }

    /// <summary>A finite number between two bounds.</summary>
    public double Number(string key, double otherwise, double least = double.NegativeInfinity, double most = double.PositiveInfinity)
    {
        if (Text(key) is not { } text)
        {
            return otherwise;
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            Report(key, $"is '{text}', which is no number", "write a number such as 0.5");
            return otherwise;
        }

        if (number < least || number > most)
        {
            Report(key, $"is {text}", Bounds(least, most));
            return otherwise;
        }

        return number;
    }

    /// <summary>A whole number between two bounds.</summary>
    public int WholeNumber(string key, int otherwise, int least = int.MinValue, int most = int.MaxValue)
    {
        if (Text(key) is not { } text)
        {
            return otherwise;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            Report(key, $"is '{text}', which is no whole number", "write a whole number such as 8");
            return otherwise;
        }

        if (number < least || number > most)
        {
            Report(key, $"is {text}", Bounds(least, most));
            return otherwise;
        }

        return number;
    }

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool otherwise)
    {
        switch (Text(key))
        {
            case null:
                return otherwise;
            case "true" or "True" or "TRUE":
                return true;
            case "false" or "False" or "FALSE":
                return false;
            case var text:
                Report(key, $"is '{text}'", "write true or false");
                return otherwise;
        }
    }

    /// <summary>A length of time such as <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>24h</c> or <c>7d</c>; parts may follow each other (<c>1h30m</c>).</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise)
    {
        if (Text(key) is not { } text)
        {
            return otherwise;
        }

        if (Quantity.TryDuration(text, out var duration))
        {
            return duration;
        }

        Report(key, $"is '{text}', which is no length of time", "write it as 250ms, 30s, 5m, 24h or 7d");
        return otherwise;
    }

    /// <summary>A number of bytes such as <c>65536</c>, <c>256Ki</c> or <c>4Mi</c>.</summary>
    public long Bytes(string key, long otherwise)
    {
        if (Text(key) is not { } text)
        {
            return otherwise;
        }

        if (Quantity.TryBytes(text, out var bytes))
        {
            return bytes;
        }

        Report(key, $"is '{text}', which is no size", "write it as 65536, 256Ki or 4Mi");
        return otherwise;
    }

    /// <summary>A mapping, or null when absent.</summary>
    public YamlMap? Map(string key)
    {
        switch (Find(key))
        {
            case null:
            case YamlScalarNode scalar when IsNull(scalar):
                return null;
            case YamlMappingNode map:
                return new YamlMap(File, PathOf(key), map, Faults);
            default:
                Report(key, "is not a mapping", "indent its members below it");
                return null;
        }
    }

    /// <summary>A mapping that must be there; an empty one after its fault was noted.</summary>
    public YamlMap RequiredMap(string key, string cure)
    {
        if (Map(key) is { } map)
        {
            return map;
        }

        if (Find(key) is null or YamlScalarNode)
        {
            Report(key, "is missing", cure);
        }

        return new YamlMap(File, PathOf(key), new YamlMappingNode(), Faults);
    }

    /// <summary>The mappings of a sequence, or of a single mapping written without its dash; none when absent.</summary>
    public IReadOnlyList<YamlMap> Maps(string key)
    {
        switch (Find(key))
        {
            case null:
            case YamlScalarNode scalar when IsNull(scalar):
                return [];
            case YamlSequenceNode sequence:
                var maps = new List<YamlMap>(sequence.Children.Count);
                for (var i = 0; i < sequence.Children.Count; i++)
                {
                    if (sequence.Children[i] is YamlMappingNode map)
                    {
                        maps.Add(new YamlMap(File, $"{PathOf(key)}[{i}]", map, Faults));
                    }
                    else
                    {
                        Faults.Add(new Fault(File, (int)sequence.Children[i].Start.Line, $"`{PathOf(key)}[{i}]` is not a mapping", "write it as `- name: value`"));
                    }
                }

                return maps;
            default:
                Report(key, "is not a list", "write one `- ` line for each item");
                return [];
        }
    }

    /// <summary>The scalars of a sequence; none when absent.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        switch (Find(key))
        {
            case null:
            case YamlScalarNode scalar when IsNull(scalar):
                return [];
            case YamlSequenceNode sequence when sequence.Children.All(child => child is YamlScalarNode):
                return [.. sequence.Children.Select(child => ((YamlScalarNode)child).Value ?? "")];
            default:
                Report(key, "is not a list of values", "write it as [a, b, c]");
                return [];
        }
    }

    /// <summary>The numbers of a sequence; none when absent.</summary>
    public IReadOnlyList<double> Numbers(string key)
    {
        var numbers = new List<double>();
        foreach (var text in Texts(key))
        {
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            {
                numbers.Add(number);
            }
            else
            {
                Report(key, $"holds '{text}', which is no number", "write numbers only");
            }
        }

        return numbers;
    }

    /// <summary>All scalar members as text, in file order; a member that is no scalar is a fault.</summary>
    public IReadOnlyDictionary<string, string> Scalars()
    {
        var scalars = new Dictionary<string, string>();
        foreach (var key in Keys)
        {
            scalars[key] = Text(key, "")!;
        }

        return scalars;
    }

    /// <summary>The member as JSON text would hold it: mappings, lists and scalars as they stand. Null when absent.</summary>
    public YamlNode? Node(string key) => Find(key);

    /// <summary>Reports every member that was never asked for, naming the nearest known one.</summary>
    public void Close()
    {
        foreach (var key in node.Children.Keys.OfType<YamlScalarNode>())
        {
            var name = key.Value ?? "";
            if (asked.Contains(name))
            {
                continue;
            }

            var nearest = asked.OrderBy(known => Distance(known, name)).FirstOrDefault();
            var cure = nearest is not null && Distance(nearest, name) <= 3 ? $"did you mean `{nearest}`?" : $"known here: {string.Join(", ", asked.Order())}";
            Faults.Add(new Fault(File, (int)key.Start.Line, $"`{PathOf(name)}` is not known", cure));
        }
    }

    private static bool IsNull(YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is null or "" or "~" or "null";

    private static string Bounds(double least, double most) => (double.IsInfinity(least), double.IsInfinity(most)) switch
    {
        (false, false) => $"write a number from {least} to {most}",
        (false, true) => $"write a number of at least {least}",
        _ => $"write a number of at most {most}",
    };

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }

    private YamlNode? Find(string key)
    {
        asked.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    private string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}
