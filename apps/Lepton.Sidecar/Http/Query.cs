namespace Lepton.Sidecar.Http;

/// <summary>`metadata.*` of the query, the only way metadata comes in over HTTP.</summary>
internal static class Query
{
    private const string Prefix = "metadata.";

    internal static Dictionary<string, string>? Metadata(HttpContext context)
    {
        if (!context.Request.QueryString.HasValue) return null;
        Dictionary<string, string>? metadata = null;
        foreach (var (key, values) in context.Request.Query)
        {
            if (key.StartsWith(Prefix, StringComparison.Ordinal)) (metadata ??= [])[key[Prefix.Length..]] = values[0] ?? "";
        }
        return metadata;
    }
}
