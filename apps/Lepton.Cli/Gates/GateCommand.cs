using System.CommandLine;

namespace Lepton.Cli.Gates;

internal static class GateCommand
{
    public static Command Create() => new("gate", "tries the gate on your own scores")
    {
        GateFitCommand.Create(),
        GateSimulateCommand.Create(),
        GateReportCommand.Create(),
        GateBenchmarkCommand.Create(),
    };
}
