using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.PubSub;

/// <summary>A published CloudEvent: kept as it is, but for where it is published and what it lacks.</summary>
internal static class ReadyEvent
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The completed event, or null when the body is no JSON object.</summary>
    internal static byte[]? Complete(PublishContext context, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Write(context, body, ref reader) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with a body that is no event.</summary>
    internal static string Fault(ReadOnlyMemory<byte> body)
    {
        using var document = GoDocument.Parse(body);
        document.Struct("map[string]interface {}");
        return document.Fault ?? "the event is null";
    }

    private static byte[] Write(PublishContext context, ReadOnlySpan<byte> body, ref Utf8JsonReader reader)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + 256);
        using var json = new Utf8JsonWriter(output, Options);
        bool source = false, type = false, version = false, time = false, state = false;
        var trace = HasTraceId(body);
        json.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var plain = !reader.ValueIsEscaped;
            var unescaped = plain ? null : reader.GetString();
            reader.Read();
            var isNull = reader.TokenType == JsonTokenType.Null;
            if (plain && IsReplaced(name, context, trace))
            {
                reader.Skip();
                continue;
            }
            if (plain && isNull && (name.SequenceEqual("source"u8) || name.SequenceEqual("type"u8) || name.SequenceEqual("specversion"u8))) continue;
            if (plain)
            {
                source |= name.SequenceEqual("source"u8);
                type |= name.SequenceEqual("type"u8);
                version |= name.SequenceEqual("specversion"u8);
                time |= name.SequenceEqual("time"u8);
                state |= name.SequenceEqual("tracestate"u8);
                json.WritePropertyName(name);
            }
            else
            {
                json.WritePropertyName(unescaped!);
            }
            var begin = (int)reader.TokenStartIndex;
            reader.Skip();
            json.WriteRawValue(body[begin..(int)reader.BytesConsumed], skipInputValidation: true);
        }
        if (context.Expires is { } expires) json.WriteString("expiration"u8, Envelope.Seconds(expires));
        json.WriteString("pubsubname"u8, context.PubSub);
        if (!source) json.WriteString("source"u8, "Dapr"u8);
        if (!version) json.WriteString("specversion"u8, "1.0"u8);
        if (!time) json.WriteString("time"u8, Envelope.Seconds(context.Now));
        json.WriteString("topic"u8, context.Topic);
        if (!trace)
        {
            json.WriteString("traceid"u8, context.TraceParent);
            json.WriteString("traceparent"u8, context.TraceParent);
        }
        if (!state) json.WriteString("tracestate"u8, context.TraceState);
        if (!type) json.WriteString("type"u8, "com.dapr.event.sent"u8);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static bool IsReplaced(ReadOnlySpan<byte> name, PublishContext context, bool hasTrace) =>
        name.SequenceEqual("topic"u8) || name.SequenceEqual("pubsubname"u8)
        || (!hasTrace && name.SequenceEqual("traceparent"u8))
        || (context.Expires is not null && name.SequenceEqual("expiration"u8));

    private static bool HasTraceId(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("traceid"u8)) return true;
            reader.Skip();
        }
        return false;
    }
}
