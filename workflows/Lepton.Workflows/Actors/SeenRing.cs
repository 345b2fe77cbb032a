using System.Buffers.Binary;
using System.Globalization;

namespace Lepton.Workflows.Actors;

/// <summary>The newest 4,096 event keys, 8 bytes each, in 16 pages of which one is filled at a time; a page that comes round again forgets what it held.</summary>
internal sealed class SeenRing
{
    public const int KeysPerPage = 256;
    public const int Pages = 16;
    private const int Bytes = sizeof(ulong);

    private readonly HashSet<ulong> known = [];
    private readonly List<byte>[] pages = [.. Enumerable.Range(0, Pages).Select(_ => new List<byte>())];

    /// <summary>Keys that were ever added.</summary>
    public long Count { get; private set; }

    /// <summary>Pages that <paramref name="count"/> keys have filled.</summary>
    public static int PagesOf(long count) => (int)Math.Min(Pages, (count + KeysPerPage - 1) / KeysPerPage);

    /// <summary>The ring again, from the count and the pages that were kept.</summary>
    public static SeenRing Load(long count, IEnumerable<byte[]> kept)
    {
        var ring = new SeenRing { Count = count };
        foreach (var (page, bytes) in kept.Index())
        {
            ring.pages[page].AddRange(bytes);
            ring.known.UnionWith(Read(bytes));
        }

        return ring;
    }

    public byte[] Page(int page) => [.. pages[page]];

    /// <summary>Notes a key (32 hexadecimal digits); returns the page it went to, or null when it was known.</summary>
    public int? Add(string key)
    {
        var hash = ulong.Parse(key.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (!known.Add(hash))
        {
            return null;
        }

        var page = (int)(Count++ / KeysPerPage % Pages);
        if (pages[page].Count == KeysPerPage * Bytes)
        {
            known.ExceptWith(Read(Page(page)));
            pages[page].Clear();
        }

        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash);
        pages[page].AddRange(bytes);
        return page;
    }

    private static IEnumerable<ulong> Read(byte[] page)
    {
        for (var at = 0; at < page.Length; at += Bytes)
        {
            yield return BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(at));
        }
    }
}
