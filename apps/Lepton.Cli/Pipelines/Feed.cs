using Lepton.Contracts.Resources;
using Lepton.Inference.Sources;

namespace Lepton.Cli.Pipelines;

/// <summary>Where the events of one pipeline come from, and how fast.</summary>
internal sealed record Feed(Pipeline Pipeline, string? Input, Rate? Rate)
{
    /// <summary>Opens what the feed reads; the message names every fault when that cannot be.</summary>
    public EventReader Open(ReadRequest request)
    {
        var faults = new List<Fault>();
        return EventReader.Open(Pipeline, request with { Input = Input }, faults) ?? throw new CommandException(string.Join(Environment.NewLine, faults));
    }

    /// <summary>The rate asked for, else the source's own.</summary>
    public Rate RateOrDefault => Rate ?? new Rate(Pipeline.Source.Replay is [var first, ..] ? first.Rate : 10);
}

/// <summary>What `up`, `devices` and `replay` were told about events.</summary>
/// <param name="Only">Names of the pipelines to feed; all when empty.</param>
/// <param name="Inputs">As <c>pipeline=input</c>.</param>
/// <param name="Rates">As <c>rate</c> for all or <c>pipeline=rate</c>.</param>
/// <param name="Seed">Seed of the simulators.</param>
internal sealed record FeedOptions(IReadOnlyList<string> Only, IReadOnlyList<string> Inputs, IReadOnlyList<string> Rates, int Seed)
{
    /// <summary>The option that an input came from, for messages.</summary>
    public string InputOption { get; init; } = "--input";

    private const string InputForm = "give pipeline=file, pipeline=folder or pipeline=simulator";
    private const string RateForm = "write it as 50/s, 30/m or max, or for one pipeline as ecg=50/s";

    /// <summary>The feeds asked for, or a message that says which option is wrong.</summary>
    public IReadOnlyList<Feed> Resolve(PipelineCatalog catalog)
    {
        var chosen = Only.Count == 0 ? catalog.All : [.. Only.SelectMany(names => names.Split(',')).Select(catalog.Find).Distinct()];
        var inputs = new Dictionary<string, string>();
        foreach (var text in Inputs)
        {
            var (name, value) = Split(text) ?? throw CommandException.Misused($"{InputOption} '{text}' names no pipeline; {InputForm}");
            inputs[Chosen(catalog.Find(name), chosen, InputOption)] = CheckInput(name, value);
        }

        Rate? common = null;
        var rates = new Dictionary<string, Rate>();
        foreach (var text in Rates)
        {
            var pair = Split(text);
            if (!Rate.TryParse(pair?.Value ?? text, out var rate))
            {
                throw CommandException.Misused($"--rate '{text}' is no rate; {RateForm}");
            }

            if (pair is { } named)
            {
                rates[Chosen(catalog.Find(named.Name), chosen, "--rate")] = rate;
            }
            else
            {
                common = rate;
            }
        }

        return [.. chosen.Select(pipeline => new Feed(
            pipeline,
            inputs.GetValueOrDefault(pipeline.Name),
            rates.TryGetValue(pipeline.Name, out var own) ? own : common))];
    }

    /// <summary>The same options as arguments of a child process.</summary>
    public IEnumerable<string> ToArguments() =>
    [
        .. Only.SelectMany(name => (string[])["--only", name]),
        .. Inputs.SelectMany(input => (string[])["--input", Absolute(input)]),
        .. Rates.SelectMany(rate => (string[])["--rate", rate]),
        "--seed", Seed.ToString(),
    ];

    // The child may work in another folder.
    private static string Absolute(string text) =>
        Split(text) is { } pair && pair.Value != "simulator" ? $"{pair.Name}={Path.GetFullPath(pair.Value)}" : text;

    private string CheckInput(string pipeline, string value) => value == "simulator" || File.Exists(value) || Directory.Exists(value)
        ? value
        : throw CommandException.Misused($"{InputOption} of {pipeline}: there is no file or folder '{Path.GetFullPath(value)}'; correct the path, or write simulator");

    private static string Chosen(Pipeline pipeline, IReadOnlyList<Pipeline> chosen, string option) => chosen.Contains(pipeline)
        ? pipeline.Name
        : throw CommandException.Misused($"{option} names '{pipeline.Name}', which --only leaves out; name it there too");

    private static (string Name, string Value)? Split(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 ? (text[..at], text[(at + 1)..]) : null;
    }
}
