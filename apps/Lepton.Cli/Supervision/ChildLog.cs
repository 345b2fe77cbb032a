namespace Lepton.Cli.Supervision;

/// <summary>A child's output as a file: kept to two files of a few megabytes, with its last lines at hand and its warnings passed on.</summary>
internal sealed class ChildLog : IDisposable
{
    private const long MostBytes = 8 << 20;
    private const int TailLines = 12;

    private readonly string path;
    private readonly Action<string> warn;
    private readonly Lock gate = new();
    private readonly Queue<string> tail = [];
    private StreamWriter? writer;
    private long written;
    private bool inWarning;

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

    // .NET's console logger writes `warn: Category[0]` and the message on the next line.
    private string? WarningIn(string line)
    {
        if (inWarning)
        {
            inWarning = false;
            return line.Trim();
        }

        inWarning = line.StartsWith("warn: ", StringComparison.Ordinal) || line.StartsWith("fail: ", StringComparison.Ordinal) || line.StartsWith("crit: ", StringComparison.Ordinal);
        return line.StartsWith("Unhandled exception", StringComparison.Ordinal) || line.StartsWith("error:", StringComparison.Ordinal) ? line : null;
    }

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
