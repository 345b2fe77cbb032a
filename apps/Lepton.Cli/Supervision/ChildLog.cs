using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Lepton.Cli.Supervision;

/// <summary>A child's output as a file: kept to two files of a few megabytes, with its last lines at hand and its warnings passed on.</summary>
internal sealed partial class ChildLog : IDisposable
{
    private const long MostBytes = 8 << 20;
    private const int TailLines = 12;
    private const int MostWarning = 400;
    private static readonly TimeSpan WarningPause = TimeSpan.FromSeconds(5);

    private readonly string path;
    private readonly Action<string> warn;
    private readonly Lock gate = new();
    private readonly Queue<string> tail = [];
    private StreamWriter? writer;
    private long written;
    private bool inWarning;
    private long? lastWarning;

    public ChildLog(string folder, string app, Action<string> warn)
    {
        (path, this.warn) = (Path.Combine(folder, app + ".log"), warn);
        Reopen();
    }

    public string File => path;

    /// <summary>The last lines, for the message about a child that could not start.</summary>
    public string Tail
    {
        get
        {
            lock (gate)
            {
                return string.Join(Environment.NewLine, tail);
            }
        }
    }

    public void Add(string line)
    {
        string? warning;
        lock (gate)
        {
            tail.Enqueue(line);
            if (tail.Count > TailLines)
            {
                tail.Dequeue();
            }

            warning = WarningIn(line);
            Write(line);
        }

        if (warning is not null)
        {
            warn(warning);
        }
    }

    public void ForgetTail()
    {
        lock (gate)
        {
            tail.Clear();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            writer?.Dispose();
            writer = null;
        }
    }

    /// <summary>
    /// The message when the line is a warning: `warn: Category[0]` with the message on the next line, as .NET's console logger has it, or all on one
    /// line behind the time, as the node has it. At most one every few seconds; the log has them all.
    /// </summary>
    private string? WarningIn(string line)
    {
        var message = inWarning ? line.Trim() : null;
        inWarning = false;
        if (message is null && WarningForm().Match(line) is { Success: true } found)
        {
            message = found.Groups["message"].Value;
            inWarning = message.Length == 0;
        }

        if (message is null or "" || (lastWarning is { } last && Stopwatch.GetElapsedTime(last) < WarningPause))
        {
            return null;
        }

        lastWarning = Stopwatch.GetTimestamp();
        return message.Length > MostWarning ? message[..MostWarning] + " ..." : message;
    }

    [GeneratedRegex(@"^(\d\d:\d\d:\d\d )?((warn|fail|crit): \S+\[\d+\] ?|(?=Unhandled exception)|error: )(?<message>.*)$")]
    private static partial Regex WarningForm();

    private void Write(string line)
    {
        try
        {
            if (written > MostBytes)
            {
                writer?.Dispose();
                System.IO.File.Move(path, path + ".1", overwrite: true);
                Reopen();
            }

            writer?.WriteLine(line);
            written += line.Length + 1;
        }
        catch (IOException error)
        {
            writer = null;
            warn($"its log '{path}' cannot be written any more ({error.Message})");
        }
    }

    private void Reopen()
    {
        written = 0;
        writer = new StreamWriter(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }
}
