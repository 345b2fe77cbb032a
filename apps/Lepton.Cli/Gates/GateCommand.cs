using System.CommandLine;

namespace Lepton.Cli.Gates;

internal static class GateCommand
{
    public static Command Create() => new("gate", "shows the gates of a running node, and tries the gate on your own scores")
    {
        GateStatusCommand.Create(),
        GateFitCommand.Create(),
        GateSimulateCommand.Create(),
        GateReportCommand.Create(),
        GateBenchmarkCommand.Create(),
    };
}
