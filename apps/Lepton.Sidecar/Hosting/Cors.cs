using System.Globalization;

namespace Lepton.Sidecar.Hosting;

/// <summary>Cross-origin requests of browsers, where `--allowed-origins` names any.</summary>
internal static class Cors
{
    private static readonly string[] Methods = ["HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"];

    internal static void UseCors(this WebApplication app, IReadOnlyList<string> origins)
    {
        if (origins.Count == 0) return;
        app.Use((context, next) =>
        {
            var preflight = HttpMethods.IsOptions(context.Request.Method) && context.Request.Headers.AccessControlRequestMethod.Count > 0;
            Answer(context, origins, preflight);
            return preflight ? Task.CompletedTask : next(context);
        });
    }

    private static void Answer(HttpContext context, IReadOnlyList<string> origins, bool preflight)
    {
        var (request, response) = (context.Request.Headers, context.Response.Headers);
        response.Append("Vary", "Origin");
        if (preflight)
        {
            response.Append("Vary", "Access-Control-Request-Method");
            response.Append("Vary", "Access-Control-Request-Headers");
        }
        var origin = request.Origin.ToString();
        var method = (preflight ? request.AccessControlRequestMethod.ToString() : context.Request.Method).ToUpperInvariant();
        if (origin.Length == 0 || !origins.Any(allowed => Matches(allowed, origin)) || (method != "OPTIONS" && !Methods.Contains(method))) return;
        response.AccessControlAllowOrigin = origins.Contains("*") ? "*" : origin;
        if (!preflight) return;
        response.AccessControlAllowMethods = method;
        var named = request.AccessControlRequestHeaders.ToString().Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(Canonical).ToList();
        if (named.Count > 0) response.AccessControlAllowHeaders = string.Join(", ", named);
    }

    /// <summary>An origin as it is named, in any case; one star stands for any text.</summary>
    private static bool Matches(string allowed, string origin)
    {
        var star = allowed.IndexOf('*');
        if (star < 0) return allowed.Equals(origin, StringComparison.OrdinalIgnoreCase);
        var (start, end) = (allowed[..star], allowed[(star + 1)..]);
        return origin.Length >= start.Length + end.Length && origin.StartsWith(start, StringComparison.OrdinalIgnoreCase) && origin.EndsWith(end, StringComparison.OrdinalIgnoreCase);
    }

    private static string Canonical(string name) => string.Join('-', name.Split('-').Select(static part => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(part.ToLowerInvariant())));
}
