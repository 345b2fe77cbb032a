using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Health;

/// <summary>Health of the sidecar itself.</summary>
internal static class HealthRoutes
{
    internal static void MapHealth(this IEndpointRouteBuilder routes, VirtualSidecar sidecar)
    {
        routes.MapGet("/v1.0/healthz", (RequestDelegate)(context => Healthz(context, sidecar)));
        routes.MapGet("/v1.0/healthz/outbound", (RequestDelegate)Answer.Empty);
    }

    private static Task Healthz(HttpContext context, VirtualSidecar sidecar)
    {
        if (context.Request.Query.TryGetValue("appid", out var appId) && appId.ToString() != sidecar.AppId)
            return Answer.Error(context, 500, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match");
        return sidecar.State.Ready
            ? Answer.Empty(context)
            : Answer.Error(context, 500, "ERR_HEALTH_NOT_READY", "dapr is not ready: [runtime]");
    }
}
