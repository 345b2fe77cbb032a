using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Lepton.Sidecar.Storage;

/// <summary>Each room that stores something has a `schema.sql` beside its code; all of them run at each opening, so they only say CREATE ... IF NOT EXISTS.</summary>
internal static partial class Schema
{
    internal static IEnumerable<string> All()
    {
        var assembly = typeof(Schema).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".schema.sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }

    /// <summary>
    /// Makes the tables and marks the file with a number made from their definitions (comments and spaces aside), never 0. A file with another mark, or
    /// with tables and none, was written by a version of Lepton that stores otherwise: it is left as it is.
    /// </summary>
    internal static void Apply(Session session)
    {
        var texts = All().ToList();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Filler().Replace(string.Join('\n', texts), " ")));
        var mark = BinaryPrimitives.ReadInt32LittleEndian(hash) & int.MaxValue | 1;
        var found = Number(session, "PRAGMA user_version");
        if (found != mark && (found != 0 || Number(session, "SELECT COUNT(*) FROM sqlite_schema") > 0))
        {
            throw new StorageException($"'{session.File}' was written by another version of Lepton, which stores otherwise. Let that version finish its work, or move the file and its -wal aside and start again.");
        }

        foreach (var text in texts) session.Script(text);
        session.Script($"PRAGMA user_version={mark}");
    }

    private static long Number(Session session, string sql)
    {
        using var rows = session.Query(sql);
        rows.Read();
        return rows.Number(0);
    }

    [GeneratedRegex(@"(--[^\n]*)?\s+")]
    private static partial Regex Filler();
}
