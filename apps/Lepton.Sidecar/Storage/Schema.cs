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
        var mark = Mark(Filler().Replace(string.Join('\n', texts), " "));
        var found = Number(session, "PRAGMA user_version");
        if (found != mark && (found != 0 || Number(session, "SELECT COUNT(*) FROM sqlite_schema") > 0))
        {
            throw new StorageException($"'{session.File}' was written by another version of Lepton, which stores otherwise. Let that version finish its work, or move the file and its -wal aside and start again.");
        }

        foreach (var text in texts) session.Script(text);
        session.Script($"PRAGMA user_version={mark}");
    }

    /// <summary>FNV-1a. A hash of the cryptography library would load OpenSSL, 5 MB that an idle host has no other use for.</summary>
    private static int Mark(string text)
    {
        var hash = 2_166_136_261u;
        foreach (var b in Encoding.UTF8.GetBytes(text)) hash = (hash ^ b) * 16_777_619;
        return (int)(hash & int.MaxValue) | 1;
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
