using Lepton.Inference.ScoreFiles;
namespace Lepton.Cli.Gates;

/// <summary>Runs one policy over a stream and counts. An accepted shadow event counts as accepted in the risk, and as corrected in the accuracy.</summary>
internal sealed class StreamSimulation(string name, StreamPolicy policy, long events)
{
    private readonly long lastQuarter = events - (events / 4);
    private long seen;
    private long escalated;
    private long shadow;
    private long lost;
    private long lostLate;
    private long uncorrected;
    private long bytes;

    public Choice Add(ScoreRow row)
    {
        seen++;
        var choice = policy.Decide(row);
        escalated += choice.Accepted ? 0 : 1;
        shadow += choice.Shadow ? 1 : 0;
        bytes += choice is { Accepted: true, Shadow: false } ? 0 : row.Bytes;
        if (!choice.Accepted || Array.IndexOf(row.Scores, row.Scores.Max()) == row.Reference)
        {
            return choice;
        }

        lost++;
        lostLate += seen > lastQuarter ? 1 : 0;
        uncorrected += choice.Shadow ? 0 : 1;
        return choice;
    }

    public SimulationReport Report(string input, bool hasBytes) => new()
    {
        Input = input,
        Policy = name,
        Events = seen,
        Escalated = escalated,
        Shadow = shadow,
        Sent = (double)(escalated + shadow) / seen,
        Accuracy = 1 - ((double)uncorrected / seen),
        Risk = (double)lost / seen,
        RiskOfLastQuarter = (double)lostLate / Math.Max(1, seen - lastQuarter),
        Alarms = [.. policy.Alarms],
        Bytes = hasBytes ? bytes : null,
        Gate = policy.Gate is { } gate ? new GateStanding(gate.Phase.ToString(), gate.Thresholds.Common.Threshold, gate.Report.Bound, gate.Report.AchievedBound, gate.Report.ShadowLabels, gate.Report.Sentence) : null,
    };
}
