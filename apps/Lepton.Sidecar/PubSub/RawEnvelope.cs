using System.Buffers;
using System.Text.Json;

namespace Lepton.Sidecar.PubSub;

/// <summary>The event a raw subscription gets: the payload as base64 in an envelope made at delivery.</summary>
internal static class RawEnvelope
{
    internal static byte[] Wrap(Message message, string pubsub, string topic)
    {
        var output = new ArrayBufferWriter<byte>((message.Payload.Length * 4 / 3) + 384);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteBase64String("data_base64"u8, message.Payload.Span);
        json.WriteString("datacontenttype"u8, "application/octet-stream"u8);
        json.WriteString("id"u8, Guid.NewGuid());
        json.WriteString("pubsubname"u8, pubsub);
        json.WriteString("source"u8, "Dapr"u8);
        json.WriteString("specversion"u8, "1.0"u8);
        json.WriteString("topic"u8, topic);
        foreach (var trace in (ReadOnlySpan<string>)["traceid", "traceparent", "tracestate"])
            if (message.Metadata is not null && message.Metadata.TryGetValue(trace, out var value)) json.WriteString(trace, value);
        json.WriteString("type"u8, "com.dapr.event.sent"u8);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }
}
