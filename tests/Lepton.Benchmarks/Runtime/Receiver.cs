using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Lepton.Sidecar.Hosting;

namespace Lepton.Benchmarks.Runtime;

/// <summary>The app that deliveries go to, as thin as Kestrel allows: it counts them and notes how long each was on its way.</summary>
internal sealed class Receiver(string subscriptions, int port = 0) : IAsyncDisposable
{
    /// <summary>The type of actors it hosts.</summary>
    public const string ActorType = "Counter";

    private WebApplication? app;
    private long count;

    public int Port { get; } = port > 0 ? port : FreePort.Take();

    public long Count => Interlocked.Read(ref count);

    /// <summary>Milliseconds on the way; null when they are not wanted.</summary>
    public Latencies? Latencies { get; set; }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        app = builder.Build();
        app.Run(HandleAsync);
        await app.StartAsync();
    }

    public void Took(ReadOnlySpan<byte> payload)
    {
        Interlocked.Increment(ref count);
        if (Latencies is { } latencies)
        {
            var reader = new Utf8JsonReader(payload);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("at"u8))
                {
                    reader.Read();
                    latencies.Add(Stopwatch.GetElapsedTime(reader.GetInt64()).TotalMilliseconds);
                    return;
                }
            }
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/dapr/subscribe":
                await context.Response.WriteAsync(subscriptions);
                break;
            case "/dapr/config":
                await context.Response.WriteAsync($$"""{"entities":["{{ActorType}}"]}""");
                break;
            case "/one":
                await ReadAsync(context, Took);
                break;
            case "/bulk":
                await BulkAsync(context);
                break;
            case "/echo":
                await ReadAsync(context, static _ => { });
                break;
            case { } path when path.StartsWith("/actors/", StringComparison.Ordinal):
                await ReadAsync(context, Took);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }

    private async Task BulkAsync(HttpContext context)
    {
        var output = new ArrayBufferWriter<byte>(8192);
        await ReadAsync(context, body => Answer(body, output));
        context.Response.ContentLength = output.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(output.WrittenMemory);
    }

    private void Answer(ReadOnlySpan<byte> body, ArrayBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteStartArray("statuses"u8);
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("entryId"u8))
            {
                reader.Read();
                json.WriteStartObject();
                json.WriteString("entryId"u8, reader.ValueSpan);
                json.WriteString("status"u8, "SUCCESS"u8);
                json.WriteEndObject();
                Interlocked.Increment(ref count);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static async Task ReadAsync(HttpContext context, SpanAction take)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            if (read.IsCompleted)
            {
                Take(read.Buffer, take);
                reader.AdvanceTo(read.Buffer.End);
                return;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static void Take(in ReadOnlySequence<byte> body, SpanAction take)
    {
        if (body.IsSingleSegment)
        {
            take(body.FirstSpan);
        }
        else
        {
            take(body.ToArray());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }
    }

    private delegate void SpanAction(ReadOnlySpan<byte> span);
}

/// <summary>Durations of one round.</summary>
internal sealed class Latencies
{
    private readonly Lock gate = new();
    private readonly List<double> all = [];

    public void Add(double milliseconds)
    {
        lock (gate)
        {
            all.Add(milliseconds);
        }
    }

    public double At(double quantile)
    {
        lock (gate)
        {
            all.Sort();
            return all.Count == 0 ? double.NaN : all[Math.Min(all.Count - 1, (int)(all.Count * quantile))];
        }
    }
}
