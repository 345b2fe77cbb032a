namespace Lepton.Sidecar.Storage;

/// <summary>Each room that stores something has a `schema.sql` beside its code; all of them run at each opening, so they only say CREATE ... IF NOT EXISTS.</summary>
internal static class Schema
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
}
