using System.Text.Json;
using Lepton.Cli.Supervision;

namespace Lepton.Cli.Page;

/// <summary>The page of `up` and the control behind its button, on this machine alone.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly WebApplication app;

    private PageServer(WebApplication app, int port) => (this.app, Address) = (app, $"http://127.0.0.1:{port}");

    public string Address { get; }

    public static async Task<PageServer> StartAsync(PageSources sources, int port, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.Use(OnlyThisMachineAsync);
        MapFiles(app);
        MapFigures(app, sources, stop);
        MapControl(app, sources);
        await HostedApp.StartAsync(app, "the page of `up`", port, $"end the program that holds it (`ss -ltnp 'sport = :{port}'` names it) or pass --page-port", stop);
        return new PageServer(app, port);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await app.StopAsync(limit.Token);
        await app.DisposeAsync();
    }

    // A page of another site that a browser on this machine shows can send requests here, but not under our name.
    private static async Task OnlyThisMachineAsync(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (context.Request.Host.Host is not ("127.0.0.1" or "localhost") || (origin.Length > 0 && origin != $"http://{context.Request.Host}"))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'";
        await next(context);
    }

    private static void MapFiles(WebApplication app)
    {
        foreach (var (path, file, type) in (ReadOnlySpan<(string, string, string)>)
        [
            ("/", "page.html", "text/html; charset=utf-8"),
            ("/page.css", "page.css", "text/css; charset=utf-8"),
            ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ])
        {
            app.MapGet(path, () => Results.Stream(typeof(PageServer).Assembly.GetManifestResourceStream(file)!, type));
        }
    }

    private static void MapFigures(WebApplication app, PageSources sources, CancellationToken stop)
    {
        app.MapGet("/api/state", () => Results.Json(sources.Monitor.State(), SupervisionJson.Default.RunState));
        app.MapGet("/api/stream", async (HttpContext context) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop);
            context.Response.ContentType = "text/event-stream";
            while (!either.IsCancellationRequested)
            {
                await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(sources.Monitor.State(), SupervisionJson.Default.RunState)}\n\n", either.Token);
                await context.Response.Body.FlushAsync(either.Token);
                await Task.Delay(Tick, either.Token);
            }
        });
        app.MapGet("/api/results", async (CancellationToken cancellationToken) =>
        {
            try
            {
                return Results.Bytes(await sources.Http.GetByteArrayAsync(new Uri(sources.Checker, "/v1/results/recent"), cancellationToken), "application/json");
            }
            catch (HttpRequestException)
            {
                return Results.Bytes("[]"u8.ToArray(), "application/json");
            }
        });
        app.MapGet("/api/payloads/{pipeline}", (string pipeline) => Results.Json(sources.Payloads.Keys(pipeline)));
        app.MapGet("/api/payloads/{pipeline}/{key}", (string pipeline, string key) =>
            sources.Payloads.Find(pipeline, key) is var (path, type) ? Results.File(path, type) : Results.NotFound());
    }

    private static void MapControl(WebApplication app, PageSources sources) =>
        app.MapPost("/api/uplink", async (HttpRequest request, CancellationToken cancellationToken) =>
        {
            if (!request.HasJsonContentType() || await ReadOrderAsync(request, cancellationToken) is not { } order)
            {
                return Results.Problem("send {\"cut\": true} or {\"cut\": false} as application/json", statusCode: StatusCodes.Status400BadRequest);
            }

            try
            {
                await sources.Control.CutAsync(order.Cut, cancellationToken);
                sources.Monitor.Note(order.Cut ? "the way to the tier above is cut (page)" : "the way to the tier above is open again (page)");
                return Results.NoContent();
            }
            catch (Exception error) when (error is CommandException or HttpRequestException)
            {
                return Results.Problem(error.Message, statusCode: StatusCodes.Status502BadGateway);
            }
        });

    private static async Task<UplinkOrder?> ReadOrderAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, SupervisionJson.Default.UplinkOrder, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What the page shows and steers.</summary>
internal sealed record PageSources(Supervision.Monitor Monitor, RuntimeControl Control, HttpClient Http, Uri Checker, PayloadFiles Payloads);
