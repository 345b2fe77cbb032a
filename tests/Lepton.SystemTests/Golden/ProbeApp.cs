using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Golden;

/// <summary>A request the app got.</summary>
internal sealed class Received(string on, JsonObject request)
{
    internal string On { get; } = on;

    internal JsonObject Request { get; } = request;

    internal double At { get; } = ProbeApp.Now;

    /// <summary>When the app had its answer ready.</summary>
    internal double? DoneAt { get; set; }

    internal bool Taken { get; set; }
}

/// <summary>The app of a case: answers with what its routes say, in turn, and remembers what it got.</summary>
internal sealed class ProbeApp(JsonObject spec, Func<JsonNode?, JsonNode?> fill)
{
    private readonly Lock gate = new();
    private readonly List<Received> received = [];
    private readonly Dictionary<string, (List<JsonObject> Replies, int Next)> routes = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? app;

    internal static double Now => Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;

    internal bool IsGrpc => spec.Text("protocol") == "grpc";

    internal string Protocol => spec.Text("protocol") ?? "http";

    /// <summary>Whether requests are kept for steps to take; a million of them would fill the memory.</summary>
    internal bool Remembers { get; init; } = true;

    internal bool Late => spec.Flag("late");

    /// <summary>When the last request that a step took came in.</summary>
    internal double? Last { get; set; }

    internal void ReadRoutes()
    {
        foreach (var route in spec.Maps("routes")) Set(Match.TextOf(fill(route["on"]))!, (JsonArray)fill(route["replies"])!);
    }

    internal void Set(string on, JsonArray replies)
    {
        lock (gate) routes[on] = ([.. replies.OfType<JsonObject>()], 0);
    }

    /// <summary>The next reply of a route, the last one again and again; null when there is no such route.</summary>
    internal JsonObject? Take(string on)
    {
        lock (gate)
        {
            if (!routes.TryGetValue(on, out var route)) return null;
            routes[on] = (route.Replies, route.Next + 1);
            return route.Replies[Math.Min(route.Next, route.Replies.Count - 1)];
        }
    }

    internal Received Note(string on, JsonObject request)
    {
        var entry = new Received(on, request);
        TaskCompletionSource told;
        lock (gate)
        {
            if (Remembers) received.Add(entry);
            (told, changed) = (changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        told.SetResult();
        return entry;
    }

    internal async Task StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.AllowSynchronousIO = true;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = IsGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        });
        builder.WebHost.UseShutdownTimeout(TimeSpan.FromMilliseconds(1));
        app = builder.Build();
        var grpc = new GrpcProbe(this);
        app.Run(IsGrpc ? grpc.ServeAsync : ServeAsync);
        await app.StartAsync();
    }

    internal async Task StopAsync()
    {
        if (app is null) return;
        var stopped = app;
        app = null;
        await stopped.StopAsync();
        await stopped.DisposeAsync();
    }

    /// <summary>Takes the next requests on a route that no step has taken; fewer when the time is up.</summary>
    internal async Task<List<Received>> NextAsync(string on, int count, TimeSpan within)
    {
        var until = Now + within.TotalMilliseconds;
        while (true)
        {
            Task wait;
            lock (gate)
            {
                var found = received.Where(r => r.On == on && !r.Taken).Take(count).ToList();
                if (found.Count == count || Now >= until)
                {
                    foreach (var entry in found) entry.Taken = true;
                    return found;
                }
                wait = changed.Task;
            }
            await Task.WhenAny(wait, Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, until - Now))));
        }
    }

    internal List<Received> Untaken(string on)
    {
        lock (gate) return [.. received.Where(r => r.On == on && !r.Taken)];
    }

    internal IEnumerable<string> Seen
    {
        get
        {
            lock (gate) return [.. received.Select(r => r.On)];
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? target : target[..question];
        var body = await BodyAsync(context);
        var query = new JsonObject();
        foreach (var (key, values) in context.Request.Query) query[key] = values[^1];
        var request = new JsonObject { ["url"] = target, ["query"] = query, ["headers"] = Headers(context.Request.Headers) };
        request.PutBody(body, context.Request.ContentType);
        var on = $"{context.Request.Method} {path}";
        var reply = Take(on) ?? Take($"{context.Request.Method} *");
        var entry = Note(on, request);
        if (reply is null)
        {
            context.Response.StatusCode = 404;
            return;
        }
        try
        {
            if (reply.Number("delayMs", 0) is > 0 and var delay) await Task.Delay(delay, context.RequestAborted);
            entry.DoneAt = Now;
            if (reply.Flag("hang")) await Task.Delay(Timeout.Infinite, context.RequestAborted);
            else if (reply.Flag("drop")) await DropAsync(context);
            else await AnswerAsync(context, reply);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            // The caller gave up.
        }
    }

    /// <summary>Ends the connection in order, without an answer; an abort alone would reset it.</summary>
    private static async Task DropAsync(HttpContext context)
    {
        context.Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Both);
        await Task.Delay(50);
        context.Abort();
    }

    private static async Task AnswerAsync(HttpContext context, JsonObject reply)
    {
        context.Response.StatusCode = reply.Number("status", 200);
        if (reply.ContainsKey("json")) context.Response.Headers.ContentType = "application/json";
        foreach (var (name, value) in reply.Map("headers") ?? [])
            context.Response.Headers[name] = value is JsonArray several ? several.Select(Match.Plain).ToArray() : Match.Plain(value);
        if (reply.Maps("chunks").ToList() is { Count: > 0 } chunks)
        {
            foreach (var chunk in chunks)
            {
                await context.Response.WriteAsync(chunk.Text("text")!, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(chunk.Number("thenMs", 0), context.RequestAborted);
            }
            return;
        }
        if (reply.Bytes() is not { Length: > 0 } bytes || context.Response.StatusCode is 204 or 304 || HttpMethods.IsHead(context.Request.Method)) return;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    internal static JsonObject Headers(IHeaderDictionary headers)
    {
        var all = new JsonObject();
        foreach (var (name, values) in headers)
            if (!name.StartsWith(':')) all[name.ToLowerInvariant()] = string.Join(name.Equals("cookie", StringComparison.OrdinalIgnoreCase) ? "; " : ", ", values.ToArray());
        return all;
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var copy = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(copy);
        }
        catch (Exception fault) when (fault is IOException or Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            // The caller broke off.
        }
        return copy.ToArray();
    }
}
