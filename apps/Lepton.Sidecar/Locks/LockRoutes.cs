using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Locks;

/// <summary>Locks over HTTP.</summary>
internal static class LockRoutes
{
    internal static void MapLocks(this IEndpointRouteBuilder routes, VirtualSidecar sidecar, LockApi api)
    {
        routes.MapPost("/v1.0-alpha1/lock/{store}", (RequestDelegate)(context => WithBodyAsync(context, sidecar, async (store, request) =>
        {
            var seconds = request.TryGetProperty("expiryInSeconds", out var number) ? number.GetInt32() : 0;
            var (taken, error) = await api.TryLockAsync(store, Text(request, "resourceId"), Text(request, "lockOwner"), seconds).ConfigureAwait(false);
            await (error?.WriteAsync(context) ?? Answer.Write(context, 200, json => json.WriteBoolean("success"u8, taken))).ConfigureAwait(false);
        })));
        routes.MapPost("/v1.0-alpha1/unlock/{store}", (RequestDelegate)(context => WithBodyAsync(context, sidecar, async (store, request) =>
        {
            var (status, error) = await api.UnlockAsync(store, Text(request, "resourceId"), Text(request, "lockOwner")).ConfigureAwait(false);
            await (error?.WriteAsync(context) ?? Answer.Write(context, 200, json => json.WriteNumber("status"u8, (int)status))).ConfigureAwait(false);
        })));
    }

    private static async Task WithBodyAsync(HttpContext context, VirtualSidecar sidecar, Func<string, JsonElement, Task> handle)
    {
        using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        try
        {
            using var document = JsonDocument.Parse(body.TooLarge ? throw new JsonException("stream too large") : body.Bytes.IsEmpty ? "{}"u8.ToArray() : body.Bytes);
            await handle((string)context.Request.RouteValues["store"]!, document.RootElement).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException && !context.Response.HasStarted)
        {
            await LockApi.Malformed($"failed deserializing HTTP body: {fault.Message}").WriteAsync(context).ConfigureAwait(false);
        }
    }

    private static string Text(JsonElement request, string name) => request.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
