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
        var path = Of(context);
        for (var i = 0; i < segments; i++)
        {
            path = path.TrimStart('/');
            var slash = path.IndexOf('/');
            if (slash < 0) return "";
            path = path[slash..];
        }
        path = path.TrimStart('/');
        if (path.EndsWith("/")) path = path[..^1];
        return path.Contains('%') ? Uri.UnescapeDataString(path) : path.ToString();
    }

    /// <summary>Cuts the first segment off an unescaped rest.</summary>
    internal static (string First, string Others) Split(string path)
    {
        var slash = path.IndexOf('/');
        return slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..].TrimStart('/'));
    }
}
