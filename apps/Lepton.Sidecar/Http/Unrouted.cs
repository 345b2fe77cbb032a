using Grpc.Core;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Workflow;

namespace Lepton.Sidecar.Http;

/// <summary>What no route takes: an invocation by header, a gRPC method or an API that is not offered, a path without an app id.</summary>
internal static class Unrouted
{
    internal static void MapUnrouted(this IEndpointRouteBuilder routes) => routes.MapFallback("{**path}", (RequestDelegate)HandleAsync);

    private static Task HandleAsync(HttpContext context)
    {
        if (GrpcAnswer.IsCall(context)) return Grpc(context);
        if (InvokeRoutes.HeaderId(context) is null && NotOffered(context.Request.Path) is { } feature)
            return Answer.Error(context, 501, "ERR_NOT_OFFERED", $"{feature} is not offered by Lepton's embedded runtime: run the apps on Dapr itself for it (`dapr run -f .`)");
        return InvokeAsync(context);
    }

    /// <summary>An invocation by header, if it is one.</summary>
    internal static Task InvokeAsync(HttpContext context) => InvokeRoutes.HeaderId(context) is { } id
        ? context.RequestServices.GetRequiredService<Invoker>().InvokeAsync(context, id, RawPath.Of(context).ToString())
        : NoRoute(context);

    internal static Task NoRoute(HttpContext context) =>
        Answer.Error(context, 404, "ERR_DIRECT_INVOKE", "failed getting app id either from the URL path or the header dapr-app-id");

    private static Task Grpc(HttpContext context)
    {
        var method = context.Request.Path.Value!.TrimStart('/');
        return method.StartsWith(DaprService.Name + "/", StringComparison.Ordinal) || method.StartsWith(TaskHubService.Name + "/", StringComparison.Ordinal)
            ? GrpcAnswer.Error(context, StatusCode.Unimplemented, $"{method} is not offered by Lepton's embedded runtime")
            : GrpcProxy.PassAsync(context, context.RequestServices.GetRequiredService<VirtualSidecar>());
    }

    private static string? NotOffered(PathString path)
    {
        var parts = (path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || parts[0] is not ("v1.0" or "v1.0-alpha1" or "v1.0-beta1" or "v1.0-alpha2")) return null;
        return parts[1] switch
        {
            "crypto" => "The cryptography API",
            "conversation" => "The conversation API",
            _ => null,
        };
    }
}
