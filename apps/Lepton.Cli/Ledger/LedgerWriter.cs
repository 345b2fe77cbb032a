using System.Text.Json;

namespace Lepton.Cli.Ledger;

/// <summary>Appends acknowledged publishes to a ledger file. Opened again after a crash it knows which positions are done.</summary>
internal sealed class LedgerWriter : IDisposable
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    private readonly FileStream file;
    private readonly HashSet<long> ahead = [];
    private readonly Lock gate = new();

    private LedgerWriter(FileStream file, LedgerHead head) => (this.file, Head) = (file, head);

    public LedgerHead Head { get; private set; }

    /// <summary>The first position that is not acknowledged.</summary>
    public long Next { get; private set; }

    /// <summary>Opens the ledger of a run, or begins it anew when the file belongs to another run.</summary>
    public static LedgerWriter Open(string path, LedgerHead head)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var writer = new LedgerWriter(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, 0), head);
        var tail = new LedgerTail(path);
        foreach (var line in tail.ReadNew())
        {
            if (tail.Head?.Run == head.Run)
            {
                writer.Note(line.Position);
            }
        }

        if (tail.Head is not null && tail.Head.Run == head.Run)
        {
            writer.Head = tail.Head;
            // A line that a crash tore has no end; it was never known to anyone.
            writer.file.SetLength(tail.Offset);
            writer.file.Seek(0, SeekOrigin.End);
        }
        else
        {
            writer.Clear();
            writer.file.SetLength(0);
            writer.Write(JsonSerializer.SerializeToUtf8Bytes(head, LedgerJson.Default.LedgerHead));
        }

        return writer;
    }

    public bool Holds(long position)
    {
        lock (gate)
        {
            return position < Next || ahead.Contains(position);
        }
    }

    public void Append(LedgerLine line)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(line, LedgerJson.Default.LedgerLine);
        lock (gate)
        {
            Write(json);
            Note(line.Position);
        }
    }

    public void Dispose() => file.Dispose();

    private void Write(ReadOnlySpan<byte> json)
    {
        // One write call a line: the operating system keeps it when this process is killed.
        Span<byte> line = json.Length < 4096 ? stackalloc byte[json.Length + 1] : new byte[json.Length + 1];
        json.CopyTo(line);
        line[^1] = NewLine[0];
        var before = file.Length;
        try
        {
            file.Write(line);
        }
        catch (IOException)
        {
            // Half a line would spoil the next one.
            file.SetLength(before);
            file.Position = before;
            throw;
        }
    }

    private void Note(long position)
    {
        ahead.Add(position);
        while (ahead.Remove(Next))
        {
            Next++;
        }
    }

    private void Clear()
    {
        ahead.Clear();
        Next = 0;
    }
}
