using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lepton.Tests.Sidecar;

/// <summary>A request an app got.</summary>
internal sealed record Received(string Method, string Path, string Query, Dictionary<string, string> Headers, string Body);

/// <summary>An app without SDK: it notes what it gets and answers what the test says.</summary>
internal sealed class ProbeApp : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> received = new();
    private WebApplication? app;

    internal required int Port { get; init; }

    /// <summary>The answer to GET /dapr/subscribe.</summary>
    internal string Subscriptions { get; set; } = "[]";

    /// <summary>The answer to GET /dapr/config; null is 404.</summary>
    internal string? Config { get; set; }

    /// <summary>Answers everything else; the status, and a body to write.</summary>
    internal Func<Received, Task<(int Status, string Body)>> Answer { get; set; } = static _ => Task.FromResult((200, ""));

    internal IReadOnlyList<Received> All(string path) => [.. received.Where(r => r.Path == path)];

    internal async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        app = builder.Build();
        app.Run(HandleAsync);
        await app.StartAsync();
    }

    internal async Task StopAsync()
    {
        if (app is null) return;
        await app.DisposeAsync();
        app = null;
    }

    /// <summary>Waits until the app has got <paramref name="count"/> requests on a path.</summary>
    internal Task<IReadOnlyList<Received>> ExpectAsync(string path, int count) =>
        Eventually.GetAsync(() => All(path), got => got.Count >= count, $"{count} requests on {path}", got => $"{got.Count}: {string.Join(" | ", got.Select(r => r.Body))}");

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var request = new Received(
            context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()), await reader.ReadToEndAsync());
        if (request.Path == "/dapr/config")
        {
            context.Response.StatusCode = Config is null ? 404 : 200;
            await context.Response.WriteAsync(Config ?? "");
            return;
        }
        if (request.Path == "/dapr/subscribe")
        {
            await context.Response.WriteAsync(Subscriptions);
            return;
        }
        received.Enqueue(request);
        var (status, body) = await Answer(request);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
