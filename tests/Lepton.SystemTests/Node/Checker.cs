using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Lepton.Contracts.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Node;

/// <summary>A subscriber of its own: sees every result and every dead letter that is published.</summary>
internal sealed class Checker(WebApplication app) : IAsyncDisposable
{
    private readonly ConcurrentQueue<(CloudEvent Envelope, Result Result)> results = [];
    private readonly ConcurrentQueue<CloudEvent> deadLetters = [];
    private readonly ConcurrentQueue<string> published = [];

    /// <summary>Everything that came, as it came.</summary>
    public IReadOnlyCollection<string> Published => published;

    public IEnumerable<Result> Results => results.Select(each => each.Result);

    public IEnumerable<Rejection> Rejections => deadLetters.Where(letter => letter.Type == EventTypes.Rejection).Select(letter => JsonSerializer.Deserialize(letter.Data.Span, ContractJson.Default.Rejection)!);

    public static async Task<Checker> StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var checker = new Checker(app);
        app.MapGet("/dapr/subscribe", () => TypedResults.Text(
            """[{"pubsubname":"lepton-pubsub","topic":"lepton.results.v1","route":"/results"},{"pubsubname":"lepton-pubsub","topic":"lepton.events.gauge.dlq","route":"/dead"}]""", "application/json"));
        app.MapPost("/results", async (HttpRequest request) =>
        {
            var envelope = await checker.ReadAsync(request);
            checker.results.Enqueue((envelope, JsonSerializer.Deserialize(envelope.Data.Span, ContractJson.Default.Result)!));
        });
        app.MapPost("/dead", async (HttpRequest request) => checker.deadLetters.Enqueue(await checker.ReadAsync(request)));
        await app.StartAsync();
        return checker;
    }

    /// <summary>The result of an event, once it has the given revision.</summary>
    public async Task<Result> WaitAsync(string subject, int revision)
    {
        await Lab.UntilAsync(() => Task.FromResult(Results.Any(result => result.Subject == subject && result.Revision == revision)), $"'{subject}' has revision {revision}; seen: {string.Join(", ", Results.Select(result => result.Id))}");
        return Results.First(result => result.Subject == subject && result.Revision == revision);
    }

    public async Task<Rejection> WaitForRejectionAsync(string reason, string? eventId = null)
    {
        bool Fits(Rejection rejection) => rejection.Reason == reason && (eventId is null || rejection.EventId == eventId);
        await Lab.UntilAsync(() => Task.FromResult(Rejections.Any(Fits)), $"an event was rejected with '{reason}'; seen: {string.Join(", ", Rejections.Select(rejection => rejection.Reason))}");
        return Rejections.First(Fits);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<CloudEvent> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        published.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        Assert.True(CloudEvent.TryParse(body.ToArray(), out var envelope, out var problem), problem);
        return envelope;
    }
}
