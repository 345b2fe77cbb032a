using System.Diagnostics;
using System.Text.Json;
using Dapr.AspNetCore;
using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;

namespace Lepton.Cli.Checking;

/// <summary>The checker as an app beside its sidecar: subscribes to results and dead letters, serves what it found.</summary>
internal static class CheckerApp
{
    private const string PubSub = "lepton-pubsub";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(IReadOnlyList<Pipeline> pipelines, LocalFolder folder, CancellationToken cancellationToken)
    {
        var port = int.TryParse(Environment.GetEnvironmentVariable("APP_PORT"), out var given) ? given : 8604;
        var time = TimeProvider.System;
        using var edge = new EdgeEffects();
        using var checker = await OpenAsync(folder, folder.CurrentRun(time.GetUtcNow()), pipelines, edge, cancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        MapSubscriptions(app, checker, pipelines, time);
        MapFigures(app, checker, edge);
        using var parent = ParentWatch.Follow(app.Lifetime.StopApplication);
        return await HostedApp.RunAsync(app, "lepton-checker", port, cancellationToken);
    }

    private static async Task<Checker> OpenAsync(LocalFolder folder, string run, IReadOnlyList<Pipeline> pipelines, EdgeEffects edge, CancellationToken cancellationToken)
    {
        if (Checker.Continue(folder, run, pipelines) is { } continued)
        {
            return continued;
        }

        // Twins and gates outlive a run: what they have counted so far is not this run's doing.
        var (devices, gates) = Journal.NamesIn(folder.Journal);
        gates.UnionWith(pipelines.Select(pipeline => pipeline.Name));
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken))
        {
            try
            {
                return Checker.Begin(folder, pipelines, new JournalHead(run, await edge.TwinsAsync(devices, cancellationToken), await edge.GatesAsync(gates, cancellationToken)));
            }
            catch (HttpRequestException error) when (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new CommandException($"the edge node does not say what its twins and gates have counted ({error.Message}); see that lepton-edge runs, and its log");
            }
            catch (HttpRequestException)
            {
                // The edge node starts beside us.
            }
        }
    }

    private static void MapSubscriptions(WebApplication app, Checker checker, IReadOnlyList<Pipeline> pipelines, TimeProvider time)
    {
        Subscribe("results", Topics.Results, Topics.DeadLetter(Topics.Results));
        Subscribe("results-dead", Topics.DeadLetter(Topics.Results), null);
        foreach (var pipeline in pipelines)
        {
            Subscribe($"refused-{pipeline.Name}", Topics.DeadLetter(Topics.Events(pipeline.Name)), null);
        }

        app.MapSubscribeHandler();

        void Subscribe(string route, string topic, string? deadLetter) =>
            app.MapPost($"/deliveries/{route}", async (HttpRequest request) =>
                {
                    using var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
                    var entries = Delivery.Read(body, topic, time.GetUtcNow());
                    checker.See([.. entries.Where(entry => entry.Sighting is not null).Select(entry => (entry.Sighting!, entry.Result))]);
                    return Results.Json(
                        new BulkSubscribeAppResponse([.. entries.Select(entry => new BulkSubscribeAppResponseEntry(entry.EntryId, BulkSubscribeAppResponseStatus.SUCCESS))]));
                })
                .WithTopic(new Dapr.TopicOptions { PubsubName = PubSub, Name = topic, DeadLetterTopic = deadLetter })
                .WithBulkSubscribe(new BulkSubscribeTopicOptions { TopicName = topic, MaxMessagesCount = 200, MaxAwaitDurationMs = 20 });
    }

    private static void MapFigures(WebApplication app, Checker checker, EdgeEffects edge)
    {
        app.MapGet("/healthz", () => Results.NoContent());
        app.MapGet("/v1/figures", () => Results.Json(checker.Read(), CheckingJson.Default.RunFigures));
        app.MapGet("/v1/results/recent", () => Results.Json(checker.Feed.Recent(), CheckingJson.Default.IReadOnlyListSeenResult));
        app.MapGet("/v1/results/stream", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await foreach (var result in checker.Feed.FollowAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync($"data: {JsonSerializer.Serialize(result, CheckingJson.Default.SeenResult)}\n\n", context.RequestAborted);
            }
        });
        app.MapPost("/v1/audit", async (CancellationToken cancellationToken) =>
            Results.Json(await Auditor.AuditAsync(checker, edge, cancellationToken), CheckingJson.Default.Audit));
    }
}
