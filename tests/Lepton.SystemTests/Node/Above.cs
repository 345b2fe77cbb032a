using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Lepton.Contracts.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Lepton.SystemTests.Node;

/// <summary>A tier above that behaves as told: overloaded, broken, slow, or refusing.</summary>
internal sealed class Above(WebApplication app) : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> calls = [];

    public IEnumerable<string> Calls => calls;

    public string? Token { get; private set; }

    public static async Task<Above> StartAsync(int port, bool refuses = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var above = new Above(app);
        app.MapPost("/v1/escalations", (HttpRequest request) =>
        {
            above.Token = request.Headers.Authorization.Count > 0 ? request.Headers.Authorization.ToString() : null;
            return refuses ? (IResult)TypedResults.Problem("the wave is too flat", statusCode: 422) : above.Note("POST", above.calls.Count switch { 0 => 429, 1 => 500, _ => 202 });
        });
        app.MapGet("/v1/escalations/{pipeline}/{key}", (string pipeline, string key) =>
        {
            if (above.calls.Count < 4)
            {
                return (IResult)above.Note("GET", 202);
            }

            above.Note("GET", 200);
            var verdict = new Verdict { Id = $"{pipeline}/{key}", By = "above", At = DateTimeOffset.UtcNow, Answer = new Answer { Tier = "cloud", Model = "m/1", Label = "low" } };
            return Results.Bytes(JsonSerializer.SerializeToUtf8Bytes(verdict, ContractJson.Default.Verdict), "application/json");
        });
        await app.StartAsync();
        return above;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private StatusCodeHttpResult Note(string verb, int status)
    {
        calls.Enqueue($"{verb} {status}");
        return TypedResults.StatusCode(status);
    }
}
