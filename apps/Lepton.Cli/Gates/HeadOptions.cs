using System.CommandLine;
using Lepton.Inference.Onnx;

namespace Lepton.Cli.Gates;

/// <summary>The options that say which head a gate compares by.</summary>
internal sealed class HeadOptions
{
    private readonly Option<string> head = new Option<string>("--head")
    {
        Description = "auto: of plain doubt, logistic and boosted head the one that escalates least on labels kept for choosing; logistic, boosted: always",
        DefaultValueFactory = _ => "none",
        HelpName = "none|auto|logistic|boosted",
    }.AcceptOnlyFromAmong("none", "auto", "logistic", "boosted");

    private readonly Option<string?> boosted = new("--boosted") { Description = "the boosted head, made by `lepton train head` from the same file of labels", HelpName = "head.onnx" };

    public void AddTo(Command command)
    {
        command.Add(head);
        command.Add(boosted);
    }

    public HeadChoice Choice(ParseResult parsed) => parsed.GetValue(head) switch { "auto" => HeadChoice.Auto, "logistic" => HeadChoice.Logistic, "boosted" => HeadChoice.Boosted, _ => HeadChoice.None };

    /// <summary>Loads the boosted head, if one is named.</summary>
    public HeadModel? Boosted(ParseResult parsed)
    {
        var path = parsed.GetValue(boosted);
        if (path is null && Choice(parsed) == HeadChoice.Boosted)
        {
            throw CommandException.Misused("--head boosted needs the head itself; make it with `lepton train head --input labelled.csv --output head.onnx` and name it with --boosted");
        }

        if (path is not null && Choice(parsed) is HeadChoice.None or HeadChoice.Logistic)
        {
            throw CommandException.Misused("--boosted goes with --head auto or --head boosted; say which");
        }

        try
        {
            return path is null ? null : HeadModel.Load(path);
        }
        catch (InvalidDataException error)
        {
            throw CommandException.Misused(error.Message);
        }
    }
}
