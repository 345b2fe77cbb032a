using System.Text;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Invocation;

/// <summary>Service invocation by path, and by header on every path that is no route of the sidecar.</summary>
internal static class InvokeRoutes
{
    private const string Header = "dapr-app-id";

    internal static void MapInvoke(this IEndpointRouteBuilder routes, Invoker invoker) => routes.Map("/v1.0/invoke/{**rest}", (RequestDelegate)(context =>
    {
        var path = RawPath.Of(context).ToString();
        if (HeaderId(context) is { } id) return invoker.InvokeAsync(context, id, path);
        return InvocationPath.Read(path) is { } target ? invoker.InvokeAsync(context, target.AppId, target.Path) : Unrouted.NoRoute(context);
    }));

    /// <summary>The id a caller names in a header: its own, or as the user of Basic authorization.</summary>
    internal static string? HeaderId(HttpContext context)
    {
        if (context.Request.Headers[Header].ToString() is { Length: > 0 } id) return id;
        var authorization = context.Request.Headers.Authorization.ToString();
        if (!authorization.StartsWith("Basic ", StringComparison.Ordinal)) return null;
        var bytes = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[6..], bytes, out var length)) return null;
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':');
        return parts is [var user, { Length: > 0 } named] && user.Equals(Header, StringComparison.OrdinalIgnoreCase) ? named : null;
    }
}
