using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Health;

/// <summary>An app may end its sidecar; here that ends the runtime, which `lepton up` restarts when it was not meant to.</summary>
internal static class ShutdownRoutes
{
    private static readonly TimeSpan ForcedAfter = TimeSpan.FromMilliseconds(100);

    internal static void MapShutdown(this IEndpointRouteBuilder routes, VirtualSidecar sidecar) => routes.MapPost("/v1.0/shutdown", (RequestDelegate)(context =>
    {
        End(sidecar, IsForced(context.Request.Headers["dapr-force-shutdown"]));
        return Answer.Empty(context);
    }));

    internal static bool IsForced(string? header) => "true".Equals(header, StringComparison.OrdinalIgnoreCase);

    internal static void End(VirtualSidecar sidecar, bool forced)
    {
        if (forced) _ = Task.Delay(ForcedAfter).ContinueWith(static _ => Environment.Exit(1), TaskScheduler.Default);
        else _ = Task.Delay(ForcedAfter).ContinueWith(_ => sidecar.Runtime.End(0), TaskScheduler.Default);
    }
}
