using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Sidecar.Http;

/// <summary>The path as the caller wrote it, since `%2F` in a topic or key is a slash of the name and not of the path.</summary>
internal static class RawPath
{
    /// <summary>The path of the request target, still escaped and without query.</summary>
    internal static ReadOnlySpan<char> Of(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget.AsSpan();
        var end = target.IndexOf('?');
        return end < 0 ? target : target[..end];
    }

    /// <summary>What follows the first <paramref name="segments"/> segments, unescaped, without a slash at its end.</summary>
    internal static string Rest(HttpContext context, int segments)
    {
        var path = Clean(Of(context).ToString()).AsSpan();
        for (var i = 0; i < segments; i++)
        {
            path = path.TrimStart('/');
            var slash = path.IndexOf('/');
            if (slash < 0) return "";
            path = path[slash..];
        }
        return Unescape(path.TrimStart('/'));
    }

    /// <summary>The segments of the path, still escaped: a slash within a name is none between two.</summary>
    internal static string[] Segments(HttpContext context) => Clean(Of(context).ToString()).Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>One segment, unescaped.</summary>
    internal static string Segment(HttpContext context, int index) => Segments(context) is var segments && index < segments.Length ? Unescape(segments[index]) : "";

    /// <summary>A name in a path of the API as daprd takes it, where a plus sign is a space.</summary>
    internal static string Unescape(ReadOnlySpan<char> name) =>
        name.ContainsAny('%', '+') ? Uri.UnescapeDataString(name.ToString().Replace('+', ' ')) : name.ToString();

    /// <summary>The path without doubled slashes, dot segments and a slash at its end.</summary>
    private static string Clean(string path)
    {
        if (!path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal)) return path.TrimEnd('/');
        var kept = new List<string>();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..") kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            else if (segment != ".") kept.Add(segment);
        }
        return "/" + string.Join('/', kept);
    }

    /// <summary>Cuts the first segment off an unescaped rest.</summary>
    internal static (string First, string Others) Split(string path)
    {
        var slash = path.IndexOf('/');
        return slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..].TrimStart('/'));
    }
}
