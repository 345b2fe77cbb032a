namespace Lepton.Cli;

/// <summary>Ends a command with a message for its user: exit code 1 when the work failed, 2 when the command was used wrongly.</summary>
internal sealed class CommandException(string message, int exitCode = CommandException.Failed) : Exception(message)
{
    public const int Failed = 1;
    public const int WrongUse = 2;

    public int ExitCode { get; } = exitCode;

    public static CommandException Misused(string message) => new(message, WrongUse);
}
