using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.State;

/// <summary>The state API over HTTP.</summary>
internal static class StateRoutes
{
    private static readonly string[] PostOrPut = ["POST", "PUT"];

    internal static void MapState(this IEndpointRouteBuilder routes, VirtualSidecar sidecar, StateApi api)
    {
        routes.MapGet("/v1.0/state/{store}/{**key}", (RequestDelegate)(context => Get(context, api)));
        routes.MapDelete("/v1.0/state/{store}/{**key}", (RequestDelegate)(context => DeleteAsync(context, api)));
        routes.MapMethods("/v1.0/state/{store}", PostOrPut, (RequestDelegate)(context => WithBodyAsync(context, sidecar, api, SaveAsync)));
        routes.MapMethods("/v1.0/state/{store}/bulk", PostOrPut, (RequestDelegate)(context => WithBodyAsync(context, sidecar, api, BulkGetAsync)));
        routes.MapMethods("/v1.0/state/{store}/transaction", PostOrPut, (RequestDelegate)(context => WithBodyAsync(context, sidecar, api, TransactAsync)));
        routes.MapMethods("/v1.0-alpha1/state/{store}/query", PostOrPut, (RequestDelegate)(context =>
            (api.Find(Store(context), out var component, query: true) ?? StateErrors.NoQuery(component.Name)).WriteAsync(context)));
    }

    private static string Store(HttpContext context) => (string)context.Request.RouteValues["store"]!;

    private static Task Get(HttpContext context, StateApi api)
    {
        var key = RawPath.Rest(context, 3);
        if (key.Length == 0) return Unrouted.NoRoute(context);
        if (api.Find(Store(context), out var component) is { } missing) return missing.WriteAsync(context);
        if (component.Key(key) is not { } stored) return StateErrors.IllegalKey(component.Name, key, false).WriteAsync(context);
        if (component.Store.Get(stored) is not { } item || (item.Value.Length == 0 && component.InMemory)) return Answer.Empty(context);
        context.Response.Headers.ETag = item.ETag;
        if (item.Expires is { } expires) context.Response.Headers["metadata.ttlExpireTime"] = StateApi.Expiry(expires);
        return Answer.Json(context, 200, item.Value);
    }

    private static async Task DeleteAsync(HttpContext context, StateApi api)
    {
        var key = RawPath.Rest(context, 3);
        if (key.Length == 0)
        {
            await Unrouted.NoRoute(context).ConfigureAwait(false);
            return;
        }
        var error = api.Find(Store(context), out var component);
        if (error is null)
        {
            var query = context.Request.Query;
            var write = new StateWrite(key, default)
            {
                IsDelete = true,
                ETag = context.Request.Headers.IfMatch.ToString(),
                Concurrency = query["concurrency"],
                Consistency = query["consistency"],
            };
            error = await StateApi.SaveAsync(component, [write], (cause, conflict) => StateErrors.Delete(key, cause, conflict)).ConfigureAwait(false);
        }
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }

    private static async Task WithBodyAsync(HttpContext context, VirtualSidecar sidecar, StateApi api, Func<HttpContext, StateComponent, JsonElement, Task> handle)
    {
        if (api.Find(Store(context), out var component) is { } missing)
        {
            await missing.WriteAsync(context).ConfigureAwait(false);
            return;
        }
        using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        if (body.TooLarge)
        {
            await StateErrors.TooLarge(context.Request.Path.Value!.TrimEnd('/').EndsWith("/transaction", StringComparison.Ordinal)).WriteAsync(context).ConfigureAwait(false);
            return;
        }
        try
        {
            using var document = JsonDocument.Parse(body.Bytes);
            await handle(context, component, document.RootElement).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException && !context.Response.HasStarted)
        {
            await StateErrors.Malformed(GoSyntax.OfBody(body.Bytes.Span) ?? fault.Message).WriteAsync(context).ConfigureAwait(false);
        }
    }

    private static async Task SaveAsync(HttpContext context, StateComponent component, JsonElement body)
    {
        var writes = StateRequests.Saves(body, Query.Metadata(context));
        var error = await StateApi.SaveAsync(component, writes, (cause, conflict) => StateErrors.Save(component.Name, cause, conflict)).ConfigureAwait(false);
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }

    private static async Task TransactAsync(HttpContext context, StateComponent component, JsonElement body)
    {
        var writes = StateRequests.Operations(body, out var unsupported);
        var error = unsupported is not null ? StateErrors.Operation(unsupported) : await StateApi.TransactAsync(component, writes).ConfigureAwait(false);
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }

    private static Task BulkGetAsync(HttpContext context, StateComponent component, JsonElement body)
    {
        var keys = StateRequests.Keys(body);
        if (StateApi.Keys(component, keys, out var stored) is { } illegal) return illegal.WriteAsync(context);
        var items = component.Store.Get(stored);
        var output = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartArray();
            for (var i = 0; i < items.Length; i++)
            {
                // daprd answers nothing at all when one value is no JSON.
                if (items[i] is { } value && !IsJson(value.Value)) return Answer.Json(context, 200, default);
                Write(json, keys[i], items[i]);
            }
            json.WriteEndArray();
        }
        return Answer.Json(context, 200, output.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, string key, StateItem? item)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        if (item is not null)
        {
            json.WritePropertyName("data"u8);
            json.WriteRawValue(item.Value, skipInputValidation: true);
            json.WriteString("etag"u8, item.ETag);
            if (item.Expires is { } expires)
            {
                json.WriteStartObject("metadata"u8);
                json.WriteString("ttlExpireTime"u8, StateApi.Expiry(expires));
                json.WriteEndObject();
            }
        }
        json.WriteEndObject();
    }

    private static bool IsJson(byte[] value)
    {
        var reader = new Utf8JsonReader(value);
        try
        {
            while (reader.Read()) { }
            return value.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
