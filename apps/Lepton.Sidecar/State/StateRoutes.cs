using System.Buffers;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.State;

/// <summary>The state API over HTTP.</summary>
internal static class StateRoutes
{
    private static readonly string[] PostOrPut = ["POST", "PUT"];

    internal static void MapState(this IEndpointRouteBuilder routes, VirtualSidecar sidecar, StateApi api)
    {
        routes.MapGet("/v1.0/state/{store}/{key}", (RequestDelegate)(context => GetAsync(context, api)));
        routes.MapDelete("/v1.0/state/{store}/{key}", (RequestDelegate)(context => DeleteAsync(context, api)));
        routes.MapMethods("/v1.0/state/{store}", PostOrPut, (RequestDelegate)(context => WithBodyAsync(context, sidecar, api, StateErrors.MalformedSave, SaveAsync)));
        routes.MapMethods("/v1.0/state/{store}/bulk", PostOrPut, (RequestDelegate)(context => WithBodyAsync(context, sidecar, api, StateErrors.Malformed, BulkGetAsync)));
        routes.MapMethods("/v1.0/state/{store}/transaction", PostOrPut, (RequestDelegate)(context => WithBodyAsync(context, sidecar, api, StateErrors.Malformed, TransactAsync)));
        routes.MapMethods("/v1.0-alpha1/state/{store}/query", PostOrPut, (RequestDelegate)(context =>
            (api.Find(Store(context), out var component, query: true) ?? StateErrors.NoQuery(component.Name)).WriteAsync(context)));
    }

    private static string Store(HttpContext context) => RawPath.Segment(context, 2);

    private static async Task GetAsync(HttpContext context, StateApi api)
    {
        var key = RawPath.Segment(context, 3);
        var error = api.Find(Store(context), out var component);
        if (error is null) error = component.Key(key) is { } stored ? await GetAsync(context, component, key, stored).ConfigureAwait(false) : StateErrors.IllegalKey(component.Name, key, false);
        if (error is not null) await error.WriteAsync(context).ConfigureAwait(false);
    }

    private static async Task<ApiError?> GetAsync(HttpContext context, StateComponent component, string key, string stored)
    {
        StateItem? found;
        try
        {
            found = await StateApi.ReadAsync(component, store => store.Get(stored)).ConfigureAwait(false);
        }
        catch (StorageException fault)
        {
            return StateErrors.Get(component.Name, key, fault.Message);
        }
        if (found is not { } item || (item.Value.Length == 0 && component.InMemory))
        {
            await Answer.Empty(context).ConfigureAwait(false);
            return null;
        }
        context.Response.Headers.ETag = item.ETag;
        if (item.Expires is { } expires) context.Response.Headers["metadata.ttlExpireTime"] = StateApi.Expiry(expires);
        await Answer.Json(context, 200, item.Value).ConfigureAwait(false);
        return null;
    }

    private static async Task DeleteAsync(HttpContext context, StateApi api)
    {
        var error = api.Find(Store(context), out var component);
        if (error is null)
        {
            var query = context.Request.Query;
            error = await StateApi.DeleteAsync(component, new StateWrite(RawPath.Segment(context, 3), default)
            {
                IsDelete = true,
                ETag = context.Request.Headers.IfMatch.ToString(),
                Concurrency = query["concurrency"].FirstOrDefault(),
                Consistency = query["consistency"].FirstOrDefault(),
            }).ConfigureAwait(false);
        }
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }

    private static async Task WithBodyAsync(HttpContext context, VirtualSidecar sidecar, StateApi api, Func<string, ApiError> malformed, Func<HttpContext, StateComponent, GoDocument, Task<ApiError?>> handle)
    {
        var error = api.Find(Store(context), out var component);
        if (error is null)
        {
            using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
            using var document = body.TooLarge ? null : GoDocument.Parse(body.Bytes);
            error = document is null ? malformed("stream too large") : document.Fault is { } fault ? malformed(fault) : await handle(context, component, document).ConfigureAwait(false);
        }
        if (error is not null) await error.WriteAsync(context).ConfigureAwait(false);
    }

    private static async Task<ApiError?> SaveAsync(HttpContext context, StateComponent component, GoDocument body)
    {
        var writes = StateRequests.Saves(body, Query.Metadata(context));
        if (body.Fault is { } fault) return StateErrors.MalformedSave(fault);
        if (await StateApi.SaveAsync(component, writes, (cause, conflict) => StateErrors.Save(component.Name, cause, conflict)).ConfigureAwait(false) is { } error) return error;
        await Answer.Empty(context).ConfigureAwait(false);
        return null;
    }

    private static async Task<ApiError?> TransactAsync(HttpContext context, StateComponent component, GoDocument body)
    {
        var writes = StateRequests.Operations(body, component, Query.Metadata(context), out var error);
        error ??= await StateApi.TransactAsync(component, writes, new(Trace.Of(context.Request.Headers), Trace.StateOf(context.Request.Headers))).ConfigureAwait(false);
        if (error is not null) return error;
        await Answer.Empty(context).ConfigureAwait(false);
        return null;
    }

    private static async Task<ApiError?> BulkGetAsync(HttpContext context, StateComponent component, GoDocument body)
    {
        var keys = StateRequests.Keys(body);
        if (body.Fault is { } fault) return StateErrors.Malformed(fault);
        if (StateApi.Keys(component, keys, out var stored) is { } illegal) return illegal;
        StateItem?[] items;
        try
        {
            items = keys.Count == 0 ? [] : await StateApi.ReadAsync(component, store => store.Get(stored)).ConfigureAwait(false);
        }
        catch (StorageException cause)
        {
            return StateErrors.BulkGet(cause.Message);
        }
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            json.WriteStartArray();
            var open = items.Length;
            foreach (var (key, item) in StateApi.Answers(component, keys, items))
            {
                // daprd answers nothing at all when one value is no JSON.
                if (item is { Value.Length: > 0 } value && !IsJson(value.Value))
                {
                    await Answer.Json(context, 200, default).ConfigureAwait(false);
                    return null;
                }
                Write(json, key, item);
                open--;
            }
            for (; open > 0; open--) Write(json, "", null);
            json.WriteEndArray();
        }
        output.Write("\n"u8);
        await Answer.Json(context, 200, output.WrittenMemory).ConfigureAwait(false);
        return null;
    }

    private static void Write(Utf8JsonWriter json, string key, StateItem? item)
    {
        json.WriteStartObject();
        json.WriteString("key"u8, key);
        if (item is not null)
        {
            if (item.Value.Length > 0)
            {
                json.WritePropertyName("data"u8);
                json.WriteRawValue(item.Value, skipInputValidation: true);
            }
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
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
