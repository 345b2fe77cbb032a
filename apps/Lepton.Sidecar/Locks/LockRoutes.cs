using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Locks;

/// <summary>Locks over HTTP.</summary>
internal static class LockRoutes
{
    internal static void MapLocks(this IEndpointRouteBuilder routes, VirtualSidecar sidecar, LockApi api)
    {
        routes.MapPost("/v1.0-alpha1/lock/{store}", (RequestDelegate)(context => WithBodyAsync(context, sidecar, async request =>
        {
            var (taken, error) = await api.TryLockAsync(RawPath.Segment(context, 2), request.Resource, request.Owner, request.Seconds).ConfigureAwait(false);
            await (error?.WriteAsync(context) ?? Answer.Write(context, 200, json => json.WriteBoolean("success"u8, taken))).ConfigureAwait(false);
        })));
        routes.MapPost("/v1.0-alpha1/unlock/{store}", (RequestDelegate)(context => WithBodyAsync(context, sidecar, async request =>
        {
            var (status, error) = await api.UnlockAsync(RawPath.Segment(context, 2), request.Resource, request.Owner).ConfigureAwait(false);
            await (error?.WriteAsync(context) ?? Answer.Write(context, 200, json => json.WriteNumber("status"u8, (int)status))).ConfigureAwait(false);
        })));
    }

    private static async Task WithBodyAsync(HttpContext context, VirtualSidecar sidecar, Func<Request, Task> handle)
    {
        using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        if (body.TooLarge)
        {
            await Answer.Error(context, 400, "ERR_BODY_READ", "failed to read request body: stream too large").ConfigureAwait(false);
            return;
        }
        Request request;
        try
        {
            using var document = ProtoDocument.Parse(body.Bytes);
            document.Root.Text("storeName");
            request = new(document.Root.Text("resourceId") ?? "", document.Root.Text("lockOwner") ?? "", document.Root.Int32("expiryInSeconds") ?? 0);
        }
        catch (JsonException fault)
        {
            await LockApi.Malformed($"failed deserializing HTTP body: {fault.Message}").WriteAsync(context).ConfigureAwait(false);
            return;
        }
        await handle(request).ConfigureAwait(false);
    }

    private readonly record struct Request(string Resource, string Owner, int Seconds);
}
