using System.CommandLine;
using Lepton.Contracts.Resources;

namespace Lepton.Cli.Commands;

/// <summary>Runs a command line: exit code 0 done, 1 failed, 2 wrong use; every error is a sentence on standard error.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(Command root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Console.Error.WriteLine($"lepton: {error.Message}");
            }

            Console.Error.WriteLine($"lepton: `lepton {string.Join(' ', Path(parsed).Append("--help"))}` shows how it is used");
            return CommandException.WrongUse;
        }

        try
        {
            // Commands that must end in order take the signals themselves.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (CommandException error)
        {
            return Say(error.Message, error.ExitCode);
        }
        catch (FaultyResourceException error)
        {
            return Say(error.Message, CommandException.Failed);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Say($"{error.Message} Free some space or make it accessible, then try again.", CommandException.Failed);
        }
    }

    private static int Say(string message, int exitCode)
    {
        foreach (var line in message.Split('\n'))
        {
            Console.Error.WriteLine($"lepton: {line.TrimEnd('\r')}");
        }

        return exitCode;
    }

    private static Stack<string> Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result?.Parent is System.CommandLine.Parsing.CommandResult parent; result = parent)
        {
            names.Push(result.Command.Name);
        }

        return names;
    }
}
