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
        if (!sidecar.State.Ready) return Answer.Error(context, 500, "ERR_HEALTH_NOT_READY", "dapr is not ready: [runtime]");
        return context.Request.Query.TryGetValue("appid", out var appId) && appId[0] != sidecar.AppId
            ? Answer.Error(context, 500, "ERR_HEALTH_APPID_NOT_MATCH", "dapr app-id does not match")
            : Answer.Empty(context);
    }
}
