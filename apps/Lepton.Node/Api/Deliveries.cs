using Dapr;
using Dapr.AspNetCore;
using Lepton.Contracts.Events;
using Lepton.Workflows;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Lanes;
using Lepton.Workflows.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Lepton.Node.Api;

/// <summary>Subscriptions, one for each pipeline's topic, and what a delivery is answered with.</summary>
internal static class Deliveries
{
    private const int MostEvents = 100;

    /// <summary>How long the sidecar may wait for more events: hardly at all. While one batch is under way the next one gathers by itself.</summary>
    private const int MostWaitMs = 1;

    /// <summary>A hundred events of a few MiB. More is no delivery of ours; the sidecar's own limit (4 MiB an event) is far below.</summary>
    private const long MostBytes = 512L << 20;

    public static void MapDeliveries(this WebApplication app, PipelineBook book)
    {
        foreach (var tier in book.Tiers)
        {
            var topic = Topics.Events(tier.Pipeline.Name);
            app.MapPost("/deliveries/" + tier.Pipeline.Name, (HttpContext http, Intake intake) => ReceiveAsync(http, tier, intake))
                .WithTopic(new TopicOptions { PubsubName = NodeIdentity.Pubsub, Name = topic, DeadLetterTopic = Topics.DeadLetter(topic) })
                .WithMetadata(new BulkSubscribeAttribute(topic, MostEvents, MostWaitMs));
        }
    }

    private static async Task ReceiveAsync(HttpContext http, Tier tier, Intake intake)
    {
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MostBytes;
        var body = await Body.ReadAsync(http.Request, MostBytes, http.RequestAborted);
        var delivery = BulkDelivery.Read(body ?? []);
        var handled = await intake.TakeAsync(tier, [.. delivery.Entries.Select(entry => entry.Event)], http.RequestAborted);
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(delivery.IsBulk ? Statuses(delivery, handled) : Status(handled[0]), http.RequestAborted);
    }

    private static byte[] Status(bool accepted) => accepted ? """{"status":"SUCCESS"}"""u8.ToArray() : """{"status":"RETRY"}"""u8.ToArray();

    private static byte[] Statuses(BulkDelivery delivery, bool[] accepted)
    {
        using var buffer = new MemoryStream(64 * accepted.Length);
        using (var writer = new System.Text.Json.Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("statuses");
            for (var i = 0; i < accepted.Length; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("entryId", delivery.Entries[i].EntryId);
                writer.WriteString("status", accepted[i] ? "SUCCESS" : "RETRY");
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
