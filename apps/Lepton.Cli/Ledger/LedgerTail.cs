using System.Text.Json;

namespace Lepton.Cli.Ledger;

/// <summary>Reads a ledger file while it grows: whole lines only, each once. A file that was begun anew is read anew.</summary>
internal sealed class LedgerTail(string path)
{
    /// <summary>Which run the file belongs to; null until its first line is there.</summary>
    public LedgerHead? Head { get; private set; }

    /// <summary>Bytes read so far; always behind a whole line.</summary>
    public long Offset { get; private set; }

    public IEnumerable<LedgerLine> ReadNew()
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        if (file.Length < Offset || HeadChanged(file))
        {
            (Offset, Head) = (0, null);
        }

        file.Position = Offset;
        foreach (var json in JsonLines.Whole(file))
        {
            var line = Parse(json.Span);
            Offset += json.Length + 1;
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    private bool HeadChanged(FileStream file)
    {
        if (Head is null)
        {
            return false;
        }

        var expected = JsonSerializer.SerializeToUtf8Bytes(Head, LedgerJson.Default.LedgerHead);
        var found = new byte[expected.Length];
        return file.ReadAtLeast(found, found.Length, throwOnEndOfStream: false) < found.Length || !found.AsSpan().SequenceEqual(expected);
    }

    private LedgerLine? Parse(ReadOnlySpan<byte> json)
    {
        if (Head is null)
        {
            Head = JsonSerializer.Deserialize(json, LedgerJson.Default.LedgerHead);
            return null;
        }

        return JsonSerializer.Deserialize(json, LedgerJson.Default.LedgerLine);
    }
}
