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
    private readonly Option<int> seed = new("--seed") { Description = "seed of the coin", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        gate.AddTo(command);
        command.Add(epsilon);
        command.Add(delay);
        command.Add(window);
        command.Add(seed);
    }

    public ScoreFile File(ParseResult parsed) => gate.File(parsed);

    public GateFitOptions Fit(ParseResult parsed) => new(gate.Guarantee(parsed), gate.Score(parsed), PerClass: false, HeadChoice.None);

    public GatePolicy Policy(ParseResult parsed, ScoreFile file) => new(
        new GateSettings { Guarantee = gate.Guarantee(parsed), Score = gate.Score(parsed), Classes = file.Columns.Classes, Epsilon = parsed.GetValue(epsilon) },
        parsed.GetValue(delay), parsed.GetValue(seed), parsed.GetValue(window));

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
