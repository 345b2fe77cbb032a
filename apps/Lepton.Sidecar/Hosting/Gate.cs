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
        if (context.Connection.LocalPort == sidecar.Options.PublicPort) return IsPublic(context.Request) ? next(context) : NotFoundAsync(context);
        if (sidecar.Options.ApiToken is { Length: > 0 } token && !(HttpMethods.IsGet(context.Request.Method) && IsHealth(context.Request.Path)))
        {
            var given = context.Request.Headers[TokenHeader];
            if (given.Count == 0 || given[0] != token) return RefuseAsync(context, given.Count == 0 ? "missing api token in request metadata" : "authentication error: api token mismatch");
            context.Request.Headers.Remove(TokenHeader);
        }
        if (context.Request.Path.Value is { } path && path.Contains("//", StringComparison.Ordinal)) context.Request.Path = Single(path);
        return sidecar.Resources.Configuration.Apis is { IsOpen: false } apis ? CheckAsync(context, next, apis) : next(context);
    });

    /// <summary>A path that is not allowed is one that no route takes: where invocation is allowed it may still be one by header.</summary>
    private static Task CheckAsync(HttpContext context, RequestDelegate next, ApiAccess apis)
    {
        var path = context.Request.Path.Value!;
        if (GrpcAnswer.IsCall(context)) return apis.AllowsMethod(path) ? next(context) : GrpcAnswer.Error(context, GrpcCodes.DetailsOfHttp(501, "requested endpoint is not available"));
        if (apis.AllowsPath(path) && (path.StartsWith("/v1.0", StringComparison.Ordinal) || apis.AllowsPath("/v1.0/invoke"))) return next(context);
        return apis.AllowsPath("/v1.0/invoke") ? Unrouted.InvokeAsync(context) : NotFoundAsync(context);
    }

    private static bool IsPublic(HttpRequest request) => HttpMethods.IsGet(request.Method) && (IsHealth(request.Path) || request.Path == "/v1.0/metadata");

    private static Task NotFoundAsync(HttpContext context) => PlainAsync(context, 404, "404 page not found\n");

    private static Task PlainAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static bool IsHealth(PathString path) => path.Value!.Trim('/') is "v1.0/healthz" or "v1.0/healthz/outbound";

    private static Task RefuseAsync(HttpContext context, string why)
    {
        return GrpcAnswer.IsCall(context) ? GrpcAnswer.Error(context, GrpcCodes.DetailsOfHttp(401, why)) : PlainAsync(context, 401, "invalid api token\n");
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
