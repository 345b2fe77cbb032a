using System.Buffers;
using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.State;

/// <summary>
/// The outbox of a state component: each upsert of a transaction is published as an event. Store and broker share the runtime's database, so that both are
/// written by one commit or neither; where one of them is in memory the events follow the commit.
/// </summary>
internal sealed class Outbox
{
    private const string Projection = "outbox.projection";
    private static readonly string[] Fixed = ["id", "data", "topic", "pubsubname"];
    private readonly VirtualSidecar sidecar;
    private readonly string pubsub, topic, inner;
    private readonly string? refusal;

    private Outbox(VirtualSidecar sidecar, string pubsub, string topic, string inner)
    {
        (this.sidecar, this.pubsub, this.topic, this.inner) = (sidecar, pubsub, topic, inner);
        refusal = Refusal();
        if (refusal is not null) sidecar.Runtime.Log($"{sidecar.AppId}: transactions with an outbox are refused: {refusal}");
    }

    /// <summary>The outbox a component asks for, or null.</summary>
    internal static Outbox? Of(Component component, VirtualSidecar sidecar) =>
        component["outboxPublishPubsub"] is { Length: > 0 } pubsub && component["outboxPublishTopic"] is { Length: > 0 } topic
            ? new(sidecar, pubsub, topic, component["outboxPubsub"] is { Length: > 0 } inner ? inner : pubsub)
            : null;

    /// <summary>Why it takes no events: daprd publishes them first to a topic of its own, which the component must have and the app must be allowed.</summary>
    private string? Refusal()
    {
        if (Bus(inner) is not { } bus) return $"pubsub '{inner}' not found";
        var own = $"{VirtualSidecar.Namespace}{sidecar.AppId}{topic}outbox";
        return new TopicScopes(bus, sidecar.AppId).MayPublish(own) ? null : $"topic {own} is not allowed for app id {sidecar.AppId}";
    }

    private Component? Bus(string name) => sidecar.Resources.Components.TryGetValue(name, out var bus) && bus.Family == "pubsub" ? bus : null;

    /// <summary>What is stored: a projection is only published.</summary>
    internal static IReadOnlyList<StateWrite> Stored(IReadOnlyList<StateWrite> writes) => writes.Any(IsProjection) ? [.. writes.Where(static write => !IsProjection(write))] : writes;

    /// <summary>Why the writes cannot be made, or null.</summary>
    internal ApiError? Check(IReadOnlyList<StateWrite> writes) =>
        refusal is not null && writes.Any(static write => !write.IsDelete && !IsProjection(write)) ? StateErrors.Outbox(sidecar.AppId, refusal) : null;

    internal async Task TransactAsync(StateStore store, IReadOnlyList<StateWrite> writes, IReadOnlyList<StateChange> changes, CallerTrace trace)
    {
        trace = CallerTrace.Of(trace.Parent, trace.State, sidecar.Resources.Configuration.SamplingRate);
        var broker = Bus(pubsub) is { } bus ? sidecar.Runtime.Brokers.Of(bus, sidecar.AppId) : null;
        var events = new List<Message>();
        foreach (var write in writes)
        {
            if (write.IsDelete || IsProjection(write)) continue;
            var shown = writes.LastOrDefault(other => other.Key == write.Key && !other.IsDelete && IsProjection(other)) ?? write;
            events.Add(new Message(Event(write, shown, trace), null));
        }
        if (events.Count > 0 && broker?.AppendTo(store.Database, topic, events) is { } append)
        {
            await store.Database.WriteAsync(transaction =>
            {
                store.Apply(transaction, changes);
                append(transaction);
            }).ConfigureAwait(false);
            return;
        }
        await store.TransactAsync(changes).ConfigureAwait(false);
        if (events.Count > 0 && broker is not null) await broker.PublishAsync(topic, events).ConfigureAwait(false);
    }

    private static bool IsProjection(StateWrite write) => Truth.IsOn(write.Metadata?.GetValueOrDefault(Projection));

    private byte[] Event(StateWrite saved, StateWrite shown, CallerTrace trace)
    {
        var contentType = shown.Metadata?.GetValueOrDefault("contentType", "") ?? "";
        var members = new Dictionary<string, string>
        {
            ["source"] = sidecar.AppId,
            ["type"] = "com.dapr.event.sent",
            ["specversion"] = "1.0",
            ["time"] = Envelope.Seconds(sidecar.Runtime.Time.GetUtcNow()),
            ["traceid"] = trace.Parent,
            ["traceparent"] = "",
            ["tracestate"] = trace.State,
            ["datacontenttype"] = contentType.Length > 0 ? contentType : "text/plain",
        };
        foreach (var (name, value) in saved.Metadata ?? new Dictionary<string, string>())
            if (!Fixed.Contains(name)) members[name] = value;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, $"outbox-{Guid.NewGuid()}");
            writer.WriteString("topic"u8, topic);
            writer.WriteString("pubsubname"u8, pubsub);
            foreach (var (name, value) in members) writer.WriteString(name, value);
            var asJson = !shown.IsJson || contentType.Equals("application/json", StringComparison.OrdinalIgnoreCase);
            Envelope.WriteData(writer, contentType, asJson ? shown.Value.Span : Encoding.UTF8.GetBytes(Printed(shown.Value)));
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text daprd publishes for a value that is not said to be JSON, such as `map[n:1]`: consumers see the same on both.</summary>
    private static string Printed(ReadOnlyMemory<byte> value)
    {
        using var document = JsonDocument.Parse(value);
        return GoPrint.Of(document.RootElement);
    }
}
