using Lepton.Inference.Onnx;
using Lepton.Inference.ScoreFiles;
using System.CommandLine;
using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates;

/// <summary>The options of commands that run the engine over a stream.</summary>
internal sealed class StreamOptions
{
    private readonly GateOptions gate = new();
    private readonly Option<double> epsilon = GateOptions.Share("--epsilon", "share of events that the coin sends up for their label, whatever their scores", 0.05);
    private readonly Option<int> delay = Whole("--label-delay", "how many events later a label comes back", 50, 0, 1_000_000);
    private readonly Option<int> window = Whole("--drift-window", "how many of the last events are compared with the calibration; 1000 finds weaker shifts", 500, 100, 100_000);
    private readonly Option<bool> perClass = new("--per-class") { Description = "an own threshold for each predicted class with labels enough" };
    private readonly HeadOptions head = new();
    private readonly Option<string?> history = new("--history") { Description = "labels gathered before the stream, on which --head is fitted and chosen", HelpName = "labelled.csv" };
    private readonly Option<int> seed = new("--seed") { Description = "seed of the coin", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        gate.AddTo(command);
        command.Add(epsilon);
        command.Add(delay);
        command.Add(window);
        command.Add(perClass);
        head.AddTo(command);
        command.Add(history);
        command.Add(seed);
    }

    public ScoreFile File(ParseResult parsed) => gate.File(parsed);

    public GateFitOptions Fit(ParseResult parsed) => new(gate.Guarantee(parsed), gate.Score(parsed), PerClass: false, HeadChoice.None);

    public HeadModel? Boosted(ParseResult parsed) => head.Boosted(parsed);

    public GatePolicy Policy(ParseResult parsed, ScoreFile file, HeadModel? boosted, out HeadReport? report)
    {
        var doubt = DoubtOf(parsed, file, boosted, out report);
        var settings = new GateSettings
        {
            Guarantee = gate.Guarantee(parsed), Score = gate.Score(parsed), Classes = file.Columns.Classes, Epsilon = parsed.GetValue(epsilon), PerClass = parsed.GetValue(perClass),
        };
        return new(settings, parsed.GetValue(delay), parsed.GetValue(seed), parsed.GetValue(window), doubt);
    }

    private Doubt DoubtOf(ParseResult parsed, ScoreFile file, HeadModel? boosted, out HeadReport? report)
    {
        var choice = head.Choice(parsed);
        if (choice == HeadChoice.None)
        {
            report = null;
            return new Doubt(gate.Score(parsed), file.Columns.Classes, null, null);
        }

        // A head that had seen the stream itself would be too good.
        var labelled = GateOptions.Open(parsed.GetValue(history) ?? throw CommandException.Misused("--head needs labels from before the stream; name a file of them with --history"));
        if (labelled.Columns.Classes != file.Columns.Classes || !labelled.Columns.Inputs.SequenceEqual(file.Columns.Inputs))
        {
            throw CommandException.Misused($"'{labelled.Path}' has other scores or inputs than '{file.Path}'; a head needs the same columns in both");
        }

        return new HeadSelection(choice, gate.Score(parsed), gate.Guarantee(parsed).Alpha, boosted).Select(labelled, labelled.Check().Events, out report);
    }

    public static Option<int> Whole(string name, string description, int otherwise, int least, int most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out var value) && value >= least && value <= most)
            {
                return value;
            }

            result.AddError($"{name} is '{result.Tokens[0].Value}'; write a whole number from {least} to {most}");
            return 0;
        },
    };
}
