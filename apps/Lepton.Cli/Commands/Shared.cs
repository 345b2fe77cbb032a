using System.CommandLine;
using Lepton.Cli.Pipelines;
using Lepton.Contracts.Resources;

namespace Lepton.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class Shared
{
    public static Option<string> Output() => new Option<string>("--output")
    {
        Description = "table for people, json for machines",
        DefaultValueFactory = _ => "table",
        HelpName = "table|json",
    }.AcceptOnlyFromAmong("table", "json");

    public static Option<string> RunFile() => new("--file", "-f") { Description = "the run file", HelpName = "dapr.yaml", DefaultValueFactory = _ => "dapr.yaml" };

    public static Option<int> Port(string name, int otherwise, string description) => new(name) { Description = description, DefaultValueFactory = _ => otherwise };

    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "60s",
        CustomParser = result =>
        {
            if (Quantity.TryDuration(result.Tokens[0].Value, out var duration) && duration > TimeSpan.Zero)
            {
                return duration;
            }

            result.AddError($"{name} '{result.Tokens[0].Value}' is no length of time; write it as 20s, 5m or 1h");
            return null;
        },
    };
}

/// <summary>The options that say which events flow, for `up` and `devices`.</summary>
internal sealed class FeedSwitches
{
    private readonly Option<string[]> only = Many("--only", "pipeline", "only this pipeline (repeatable)");
    private readonly Option<string[]> inputs = Many("--input", "pipeline=input", "where a pipeline's events come from: a file, a folder, or simulator (repeatable)");
    private readonly Option<string[]> rates = Many("--rate", "50/s", "events a second, or max; for one pipeline as ecg=50/s (repeatable)");
    private readonly Option<int> seed = new("--seed") { Description = "seed of everything simulated", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        command.Add(only);
        command.Add(inputs);
        command.Add(rates);
        command.Add(seed);
    }

    public FeedOptions Read(ParseResult parsed) => new(parsed.GetValue(only) ?? [], parsed.GetValue(inputs) ?? [], parsed.GetValue(rates) ?? [], parsed.GetValue(seed));

    private static Option<string[]> Many(string name, string form, string description) => new(name) { Description = description, HelpName = form, DefaultValueFactory = _ => [] };
}
