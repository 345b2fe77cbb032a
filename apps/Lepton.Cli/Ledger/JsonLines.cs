namespace Lepton.Cli.Ledger;

/// <summary>Reads the whole lines of an append-only file; a torn last line is left out.</summary>
internal static class JsonLines
{
    /// <summary>Each line without its end. The memory holds until the next one is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Whole(FileStream file)
    {
        var bytes = new byte[256 << 10];
        var filled = 0;
        for (int read; (read = file.Read(bytes, filled, bytes.Length - filled)) > 0;)
        {
            filled += read;
            var start = 0;
            for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start, filled - start)) >= 0; start = end + 1)
            {
                yield return bytes.AsMemory(start, end - start);
            }

            Buffer.BlockCopy(bytes, start, bytes, 0, filled - start);
            filled -= start;
            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }
    }
}
