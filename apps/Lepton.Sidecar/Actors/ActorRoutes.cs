using System.Globalization;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Actors;

/// <summary>
/// The actor API over HTTP. It is cut up by hand from the path as the caller wrote it: an escaped slash belongs to a name, and `%2e%2e` is a (forbidden) name.
/// </summary>
internal static class ActorRoutes
{
    // Set by the transport, or by the sidecar itself.
    private static readonly HashSet<string> NotPassed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Expect",
        "dapr-caller-app-id", "dapr-caller-namespace", "dapr-api-call",
    };

    internal static void MapActors(this IEndpointRouteBuilder routes, VirtualSidecar sidecar)
    {
        var api = new ActorApi(sidecar);
        routes.Map("/v1.0/actors/{**rest}", (RequestDelegate)(context => Guard(context, sidecar, api)));
    }

    private static async Task Guard(HttpContext context, VirtualSidecar sidecar, ActorApi api)
    {
        try
        {
            await sidecar.Actors.RegisteredAsync(context.RequestAborted).ConfigureAwait(false);
            await Route(context, sidecar, api).ConfigureAwait(false);
        }
        catch (ActorFault fault)
        {
            await fault.Error.WriteAsync(context).ConfigureAwait(false);
        }
        catch (StorageException fault)
        {
            await Answer.Error(context, 500, "ERR_ACTOR_STORE", fault.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone.
        }
    }

    private static Task Route(HttpContext context, VirtualSidecar sidecar, ActorApi api)
    {
        var parts = RawPath.Segments(context);
        if (parts.Length == 5 && parts[4] == "state" && context.Request.Method is ("POST" or "PUT"))
            return Transact(context, sidecar, api, RawPath.Unescape(parts[2]), RawPath.Unescape(parts[3]));
        if (parts.Length != 6) return Unrouted.NoRoute(context);
        var (type, id, name) = (RawPath.Unescape(parts[2]), RawPath.Unescape(parts[3]), RawPath.Unescape(parts[5]));
        var verb = context.Request.Method;
        return (parts[4], verb) switch
        {
            ("method", "GET" or "POST" or "PUT" or "DELETE") => Invoke(context, sidecar, api, type, id, parts[5]),
            ("state", "GET") => GetState(context, api, type, id, name),
            ("reminders", "POST" or "PUT") => SetReminder(context, sidecar, api, type, id, name),
            ("reminders", "GET") => WriteReminder(context, api.GetReminder(type, id, name)),
            ("reminders", "DELETE") => Done(context, api.RemoveReminderAsync(type, id, name)),
            ("timers", "POST" or "PUT") => SetTimer(context, sidecar, api, type, id, name),
            ("timers", "DELETE") => RemoveTimer(context, api, type, id, name),
            _ => Unrouted.NoRoute(context),
        };
    }

    private static async Task Invoke(HttpContext context, VirtualSidecar sidecar, ActorApi api, string type, string id, string method)
    {
        ActorNames.CheckCalled(type, id);
        if (InvocationPath.Clean("/" + method.Replace('+', ' '), out var path) is { } refusal) throw ActorFault.BadCall(refusal);
        using var body = await ReadAsync(context, sidecar, ActorFault.BadCall("failed to read body: stream too large")).ConfigureAwait(false);
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in context.Request.Headers)
        {
            if (name.StartsWith(':') || NotPassed.Contains(name)) continue;
            foreach (var value in values) headers.Add(new(name, value ?? ""));
        }
        headers.Add(new("dapr-api-call", "true"));
        headers.Add(new("dapr-caller-app-id", sidecar.AppId));
        headers.Add(new("dapr-caller-namespace", VirtualSidecar.Namespace));
        var reply = await api.InvokeAsync(type, id, new ActorCall("method" + path, context.Request.QueryString.Value ?? "", headers, body.Bytes), context.RequestAborted).ConfigureAwait(false);
        foreach (var (name, values) in reply.Headers)
        {
            if (!NotPassed.Contains(name) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) context.Response.Headers[name] = values;
        }
        foreach (var name in TraceHeaders)
        {
            if (context.Request.Headers.TryGetValue(name, out var trace)) context.Response.Headers[name] = trace;
        }
        if (string.IsNullOrEmpty(context.Response.ContentType)) context.Response.ContentType = "application/json";
        context.Response.ContentLength = reply.Body.Length;
        await context.Response.Body.WriteAsync(reply.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private static readonly string[] TraceHeaders = ["traceparent", "tracestate", "baggage"];

    private static async Task<Body> ReadAsync(HttpContext context, VirtualSidecar sidecar, ActorFault tooLarge)
    {
        var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
        return body.TooLarge ? throw tooLarge : body;
    }

    private static Task GetState(HttpContext context, ActorApi api, string type, string id, string key)
    {
        if (api.GetState(type, id, key) is not { Value.Length: > 0 } item) return Answer.Empty(context);
        if (item.Expires is { } expires) context.Response.Headers["metadata.ttlExpireTime"] = ExpireTime(expires);
        return Answer.Json(context, 200, item.Value);
    }

    internal static string ExpireTime(DateTimeOffset expires) => expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static async Task Transact(HttpContext context, VirtualSidecar sidecar, ActorApi api, string type, string id)
    {
        ActorApi.CheckReserved(type);
        using var body = await ReadAsync(context, sidecar, ActorFault.Malformed("stream too large")).ConfigureAwait(false);
        using var document = ActorRequest.Parse(body.Bytes);
        try
        {
            if (document.RootElement.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null)) throw ActorFault.Malformed($"json: cannot unmarshal {ActorRequest.GoKind(document.RootElement)} into Go value of type []api.TransactionalOperation");
            api.CheckActive(type, id);
            await api.TransactAsync(type, id, ActorStateOperation.Read(document.RootElement, api.TakesTtl)).ConfigureAwait(false);
        }
        catch (InvalidOperationException fault)
        {
            throw ActorFault.Malformed(fault.Message);
        }
        await Answer.Empty(context).ConfigureAwait(false);
    }

    private static async Task SetReminder(HttpContext context, VirtualSidecar sidecar, ActorApi api, string type, string id, string name)
    {
        ActorApi.CheckReserved(type);
        using var body = await ReadAsync(context, sidecar, ActorFault.Malformed("stream too large")).ConfigureAwait(false);
        await Done(context, api.SetReminderAsync(type, id, name, ActorRequest.Read(body.Bytes))).ConfigureAwait(false);
    }

    private static async Task SetTimer(HttpContext context, VirtualSidecar sidecar, ActorApi api, string type, string id, string name)
    {
        ActorApi.CheckReserved(type);
        using var body = await ReadAsync(context, sidecar, ActorFault.Malformed("stream too large")).ConfigureAwait(false);
        api.SetTimer(type, id, name, ActorRequest.Read(body.Bytes));
        await Answer.Empty(context).ConfigureAwait(false);
    }

    private static Task RemoveTimer(HttpContext context, ActorApi api, string type, string id, string name)
    {
        api.RemoveTimer(type, id, name);
        return Answer.Empty(context);
    }

    private static async Task Done(HttpContext context, Task work)
    {
        await work.ConfigureAwait(false);
        await Answer.Empty(context).ConfigureAwait(false);
    }

    private static Task WriteReminder(HttpContext context, Reminder reminder) => Answer.Write(context, 200, json =>
    {
        json.WriteString("actorID"u8, reminder.Key.Actor);
        json.WriteString("actorType"u8, reminder.Key.Type);
        if (reminder.Data is { } data)
        {
            json.WritePropertyName("data"u8);
            json.WriteRawValue(data, skipInputValidation: true);
        }
        if (reminder.DueText.Length > 0) json.WriteString("dueTime"u8, reminder.DueText);
        if (reminder.PeriodText.Length > 0) json.WriteString("period"u8, reminder.PeriodText);
        if (reminder.TtlText.Length > 0) json.WriteString("ttl"u8, reminder.TtlText);
    });
}
