using System.Buffers;
using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.State;

/// <summary>
/// The outbox of a state component: each upsert of a transaction is published as an event. Store and broker share the runtime's database, so that both are
/// written by one commit or neither; where one of them is in memory the events follow the commit.
/// </summary>
internal sealed class Outbox
{
    private const string Projection = "outbox.projection";
    private static readonly string[] Fixed = ["id", "data", "topic", "pubsubname", "specversion"];
    private readonly VirtualSidecar sidecar;
    private readonly Broker broker;
    private readonly string pubsub, topic;

    private Outbox(VirtualSidecar sidecar, Component bus, string topic)
    {
        (this.sidecar, pubsub, this.topic) = (sidecar, bus.Name, topic);
        broker = sidecar.Runtime.Brokers.Of(bus, sidecar.AppId);
    }

    /// <summary>The outbox a component asks for, or null.</summary>
    internal static Outbox? Of(Component component, VirtualSidecar sidecar)
    {
        if (component["outboxPublishPubsub"] is not { } pubsub || component["outboxPublishTopic"] is not { } topic) return null;
        if (sidecar.Resources.Components.TryGetValue(pubsub, out var bus) && bus.Family == "pubsub") return new(sidecar, bus, topic);
        sidecar.Runtime.Log($"{sidecar.AppId}: the outbox of '{component.Name}' publishes nothing: there is no pub/sub component '{pubsub}'");
        return null;
    }

    /// <summary>What is stored: a projection is only published.</summary>
    internal static IReadOnlyList<StateWrite> Stored(IReadOnlyList<StateWrite> writes) => writes.Any(IsProjection) ? [.. writes.Where(static write => !IsProjection(write))] : writes;

    internal async Task TransactAsync(StateStore store, IReadOnlyList<StateWrite> writes, IReadOnlyList<StateChange> changes)
    {
        var events = new List<Message>();
        foreach (var write in writes)
        {
            if (write.IsDelete || IsProjection(write)) continue;
            var shown = writes.LastOrDefault(other => other.Key == write.Key && !other.IsDelete && IsProjection(other)) ?? write;
            events.Add(new Message(Event(write, shown), null));
        }
        if (events.Count > 0 && broker.AppendTo(store.Database, topic, events) is { } append)
        {
            await store.Database.WriteAsync(transaction =>
            {
                store.Apply(transaction, changes);
                append(transaction);
            }).ConfigureAwait(false);
            return;
        }
        await store.TransactAsync(changes).ConfigureAwait(false);
        if (events.Count > 0) await broker.PublishAsync(topic, events).ConfigureAwait(false);
    }

    private static bool IsProjection(StateWrite write) => write.Metadata?.GetValueOrDefault(Projection) == "true";

    private byte[] Event(StateWrite saved, StateWrite shown)
    {
        var members = new Dictionary<string, string>
        {
            ["source"] = sidecar.AppId,
            ["type"] = "com.dapr.event.sent",
            ["time"] = Envelope.Seconds(sidecar.Runtime.Time.GetUtcNow()),
            ["traceid"] = "",
            ["traceparent"] = "",
            ["tracestate"] = "",
        };
        var json = shown.Metadata?.GetValueOrDefault("contentType") == "application/json";
        members["datacontenttype"] = json ? "application/json" : "text/plain";
        foreach (var (name, value) in saved.Metadata ?? new Dictionary<string, string>())
            if (!Fixed.Contains(name)) members[name] = value;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, $"outbox-{Guid.NewGuid()}");
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("topic"u8, topic);
            writer.WriteString("pubsubname"u8, pubsub);
            foreach (var (name, value) in members) writer.WriteString(name, value);
            writer.WritePropertyName("data"u8);
            if (json && IsJson(shown.Value)) writer.WriteRawValue(shown.Value.Span, skipInputValidation: true);
            else writer.WriteStringValue(shown.IsJson ? Printed(shown.Value) : Encoding.UTF8.GetString(shown.Value.Span));
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static bool IsJson(ReadOnlyMemory<byte> value)
    {
        try
        {
            JsonDocument.Parse(value).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The text daprd publishes for a value that is not said to be JSON, such as `map[n:1]`: consumers see the same on both.</summary>
    private static string Printed(ReadOnlyMemory<byte> value)
    {
        using var document = JsonDocument.Parse(value);
        return GoPrint.Of(document.RootElement);
    }
}
