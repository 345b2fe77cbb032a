using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Hosting;

/// <summary>What happens before routing: the API token, and what is odd in the path.</summary>
internal static class Gate
{
    private const string TokenHeader = "dapr-api-token";

    internal static void UseGate(this WebApplication app, VirtualSidecar sidecar) => app.Use((context, next) =>
    {
        if (!IsWhole(RawPath.Of(context))) return MalformedAsync(context);
        if (sidecar.Options.ApiToken is { Length: > 0 } token && !IsHealth(context.Request.Path))
        {
            var given = context.Request.Headers[TokenHeader];
            if (given.Count == 0 || given[0] != token) return RefuseAsync(context, given.Count == 0 ? "missing api token in request metadata" : "authentication error: api token mismatch");
            context.Request.Headers.Remove(TokenHeader);
        }
        if (context.Request.Path.Value is { } path && path.Contains("//", StringComparison.Ordinal)) context.Request.Path = Single(path);
        return next(context);
    });

    private static bool IsHealth(PathString path) => path.Value is "/v1.0/healthz" or "/v1.0/healthz/outbound";

    private static Task RefuseAsync(HttpContext context, string why)
    {
        if (GrpcAnswer.IsCall(context)) return GrpcAnswer.Error(context, GrpcCodes.DetailsOfHttp(401, why));
        context.Response.StatusCode = 401;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("invalid api token\n", context.RequestAborted);
    }

    /// <summary>Each percent sign of the path begins an escape.</summary>
    private static bool IsWhole(ReadOnlySpan<char> path)
    {
        for (var at = path.IndexOf('%'); at >= 0; at = path.IndexOf('%'))
        {
            if (path.Length < at + 3 || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2])) return false;
            path = path[(at + 3)..];
        }
        return true;
    }

    private static Task MalformedAsync(HttpContext context)
    {
        context.Response.StatusCode = 400;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.Connection = "close";
        return context.Response.WriteAsync("400 Bad Request", context.RequestAborted);
    }

    private static PathString Single(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal)) path = path.Replace("//", "/", StringComparison.Ordinal);
        return path;
    }
}
