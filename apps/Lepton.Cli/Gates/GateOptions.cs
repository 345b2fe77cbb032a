using Lepton.Inference.ScoreFiles;
using System.CommandLine;
using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates;

/// <summary>The options that fit and simulate share.</summary>
internal sealed class GateOptions
{
    private readonly Option<string> input = new("--input") { Description = "CSV with the columns p0, p1, ..., reference, and optionally id, bytes and inputs x...", HelpName = "labelled.csv", Required = true };
    private readonly Option<double> alpha = Share("--alpha", "the risk allowed: the share of events whose accepted answer may differ from the reference", null);
    private readonly Option<double> delta = Share("--delta", "pac: how often, over calibrations, the risk may exceed alpha", 0.05);
    private readonly Option<string> mode = Choice("--mode", "pac: this gate keeps alpha with probability 1 - delta; expected: gates keep it on average", "pac", "expected");
    private readonly Option<string> score = Choice("--score", "which doubt is compared", "margin", "top", "entropy");

    public void AddTo(Command command)
    {
        command.Add(input);
        command.Add(alpha);
        command.Add(delta);
        command.Add(mode);
        command.Add(score);
    }

    public ScoreFile File(ParseResult parsed) => Open(parsed.GetValue(input)!);

    public static ScoreFile Open(string path) => System.IO.File.Exists(path) ? ScoreFile.Open(path)
        : throw CommandException.Misused($"there is no file '{path}'; name a CSV file with the columns p0, p1, ... and reference");

    public Guarantee Guarantee(ParseResult parsed) =>
        new(parsed.GetValue(alpha), parsed.GetValue(mode) == "pac" ? GuaranteeMode.Pac : GuaranteeMode.Expected, parsed.GetValue(delta));

    public ScoreKind Score(ParseResult parsed) => parsed.GetValue(score) switch { "top" => ScoreKind.Top, "entropy" => ScoreKind.Entropy, _ => ScoreKind.Margin };

    /// <summary>An option between 0 and 1, both excluded; without a default it is required.</summary>
    public static Option<double> Share(string name, string description, double? otherwise, bool isOptional = false)
    {
        var option = new Option<double>(name)
        {
            Description = description,
            Required = otherwise is null,
            HelpName = "0.02",
            CustomParser = result =>
            {
                if (double.TryParse(result.Tokens[0].Value, out var value) && value is > 0 and < 1)
                {
                    return value;
                }

                result.AddError($"{name} is '{result.Tokens[0].Value}'; write a number between 0 and 1, both excluded, such as 0.02");
                return 0;
            },
        };
        if (otherwise is { } value && !isOptional)
        {
            option.DefaultValueFactory = _ => value;
        }

        return option;
    }

    private static Option<string> Choice(string name, string description, params string[] words) =>
        new Option<string>(name) { Description = description, DefaultValueFactory = _ => words[0], HelpName = string.Join('|', words) }.AcceptOnlyFromAmong(words);
}
