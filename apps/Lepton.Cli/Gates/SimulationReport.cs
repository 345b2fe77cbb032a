namespace Lepton.Cli.Gates;

/// <summary>What `lepton gate simulate --output json` prints.</summary>
internal sealed record SimulationReport
{
    public required string Input { get; init; }

    public required string Policy { get; init; }

    public required long Events { get; init; }

    public required long Escalated { get; init; }

    public required long Shadow { get; init; }

    /// <summary>Share of events sent up, for a verdict or for a label.</summary>
    public required double Sent { get; init; }

    public required double Accuracy { get; init; }

    public required double Risk { get; init; }

    public required double RiskOfLastQuarter { get; init; }

    public required Alarm[] Alarms { get; init; }

    public required long? Bytes { get; init; }

    public required GateStanding? Gate { get; init; }

    public HeadReport? Head { get; init; }
}

/// <summary>Where the gate stands at the end of the stream.</summary>
internal sealed record GateStanding(string Phase, double Tau, double Bound, double AchievedBound, int ShadowLabels, string Guarantee);
