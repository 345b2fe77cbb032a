using Grpc.Core;
using Lepton.Sidecar.Grpc;

namespace Lepton.Sidecar.Hosting;

/// <summary>What happens before routing: the API token, and doubled slashes in the path.</summary>
internal static class Gate
{
    private const string TokenHeader = "dapr-api-token";

    internal static void UseGate(this WebApplication app, VirtualSidecar sidecar) => app.Use((context, next) =>
    {
        if (sidecar.Options.ApiToken is { Length: > 0 } token && !IsHealth(context.Request.Path))
        {
            if (context.Request.Headers[TokenHeader].ToString() != token) return RefuseAsync(context);
            context.Request.Headers.Remove(TokenHeader);
        }
        if (context.Request.Path.Value is { } path && path.Contains("//", StringComparison.Ordinal)) context.Request.Path = Single(path);
        return next(context);
    });

    private static bool IsHealth(PathString path) => path.Value is "/v1.0/healthz" or "/v1.0/healthz/outbound";

    private static Task RefuseAsync(HttpContext context)
    {
        if (GrpcAnswer.IsCall(context)) return GrpcAnswer.Error(context, StatusCode.Unauthenticated, "authentication error: api token mismatch");
        context.Response.StatusCode = 401;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("invalid api token\n", context.RequestAborted);
    }

    private static PathString Single(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal)) path = path.Replace("//", "/", StringComparison.Ordinal);
        return path;
    }
}
