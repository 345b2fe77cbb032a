using System.Text.Json;
using Lepton.Cli.Ledger;

namespace Lepton.Cli.Checking;

/// <summary>The first line of a journal: its run, and what twins (by device and pipeline) and gates (by pipeline) had counted when the run began.</summary>
internal sealed record JournalHead(string Run, IReadOnlyDictionary<string, Dictionary<string, long>> Twins, IReadOnlyDictionary<string, long> Gates);

/// <summary>What the checker has seen, in an append-only file: it is written before a delivery is acknowledged, so a killed checker forgets nothing.</summary>
internal sealed class Journal : IDisposable
{
    private readonly FileStream file;
    private readonly MemoryStream buffer = new();

    private Journal(FileStream file, JournalHead head) => (this.file, Head) = (file, head);

    public JournalHead Head { get; }

    /// <summary>Goes on with the journal of this run and hands each sighting to <paramref name="replay"/>; null when the file is of another run or absent.</summary>
    public static Journal? Continue(string path, string run, Action<Sighting> replay)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 0);
        var (head, length) = ReadAll(file, replay, run);
        if (head?.Run != run)
        {
            file.Dispose();
            return null;
        }

        // What a crash tore off was not acknowledged and comes again.
        file.SetLength(length);
        file.Position = length;
        return new Journal(file, head);
    }

    public static Journal Begin(string path, JournalHead head)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var journal = new Journal(new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, 0), head);
        journal.Line(JsonSerializer.SerializeToUtf8Bytes(head, CheckingJson.Default.JournalHead));
        journal.Flush();
        return journal;
    }

    /// <summary>The devices and pipelines that an earlier run's journal names; empty without one.</summary>
    public static (HashSet<string> Devices, HashSet<string> Pipelines) NamesIn(string path)
    {
        var (devices, pipelines) = (new HashSet<string>(), new HashSet<string>());
        if (File.Exists(path))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
            var (head, _) = ReadAll(file, Note, null);
            devices.UnionWith(head?.Twins.Keys ?? []);
            pipelines.UnionWith(head?.Gates.Keys ?? []);
        }

        return (devices, pipelines);

        void Note(Sighting sighting)
        {
            devices.Add(sighting.Device);
            pipelines.Add(sighting.Pipeline);
        }
    }

    public void Append(IEnumerable<Sighting> sightings)
    {
        foreach (var sighting in sightings)
        {
            Line(JsonSerializer.SerializeToUtf8Bytes(sighting, CheckingJson.Default.Sighting));
        }

        Flush();
    }

    public void Dispose() => file.Dispose();

    private static (JournalHead? Head, long Length) ReadAll(FileStream file, Action<Sighting> see, string? onlyRun)
    {
        JournalHead? head = null;
        var length = 0L;
        foreach (var line in JsonLines.Whole(file))
        {
            if (head is null)
            {
                head = JsonSerializer.Deserialize(line.Span, CheckingJson.Default.JournalHead);
                if (onlyRun is not null && head?.Run != onlyRun)
                {
                    break;
                }
            }
            else if (JsonSerializer.Deserialize(line.Span, CheckingJson.Default.Sighting) is { } sighting)
            {
                see(sighting);
            }

            length += line.Length + 1;
        }

        return (head, length);
    }

    private void Line(ReadOnlySpan<byte> json)
    {
        buffer.Write(json);
        buffer.WriteByte((byte)'\n');
    }

    private void Flush()
    {
        var before = file.Length;
        try
        {
            file.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        }
        catch (IOException)
        {
            // The delivery fails and comes again; half of it would spoil what is written then.
            file.SetLength(before);
            file.Position = before;
            throw;
        }
        finally
        {
            buffer.SetLength(0);
        }
    }
}
