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
    internal static Message? Complete(PublishContext context, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Write(context, body, Members(body, ref reader)) : null;
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

    private static List<Member> Members(ReadOnlySpan<byte> body, ref Utf8JsonReader reader)
    {
        var members = new List<Member>(16);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // An escaped name is none of those that mean something here.
            var name = reader.GetString()!;
            var plain = !reader.ValueIsEscaped;
            reader.Read();
            var text = reader.TokenType == JsonTokenType.String && plain && name is "traceparent" or "traceid" or "expiration" ? reader.GetString() : null;
            var isNull = reader.TokenType == JsonTokenType.Null;
            var begin = (int)reader.TokenStartIndex;
            reader.Skip();
            members.Add(new Member(name, plain, begin..(int)reader.BytesConsumed, isNull, text));
        }
        return members;
    }

    private static Message Write(PublishContext context, ReadOnlySpan<byte> body, List<Member> members)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + 256);
        using var json = new Utf8JsonWriter(output, Options);
        bool source = false, type = false, version = false, time = false, state = false;
        var trace = members.Exists(static member => member is { Plain: true, Name: "traceid" });
        string? traceParent = null, traceId = null, expiration = null;
        json.WriteStartObject();
        foreach (var (name, plain, value, isNull, text) in members)
        {
            if (plain && IsReplaced(name, context, trace)) continue;
            if (plain && isNull && name is "source" or "type" or "specversion") continue;
            if (plain)
            {
                source |= name == "source";
                type |= name == "type";
                version |= name == "specversion";
                time |= name == "time";
                state |= name == "tracestate";
                if (name == "traceparent") traceParent = text;
                if (name == "traceid") traceId = text;
                if (name == "expiration") expiration = text;
            }
            json.WritePropertyName(name);
            json.WriteRawValue(body[value], skipInputValidation: true);
        }
        if (context.Expires is { } expires) json.WriteString("expiration"u8, expiration = Envelope.Seconds(expires));
        json.WriteString("pubsubname"u8, context.PubSub);
        if (!source) json.WriteString("source"u8, "Dapr"u8);
        if (!version) json.WriteString("specversion"u8, "1.0"u8);
        if (!time) json.WriteString("time"u8, Envelope.Seconds(context.Now));
        json.WriteString("topic"u8, context.Topic);
        if (!trace)
        {
            json.WriteString("traceid"u8, context.TraceParent);
            json.WriteString("traceparent"u8, traceParent = context.TraceParent);
        }
        if (!state) json.WriteString("tracestate"u8, context.TraceState);
        if (!type) json.WriteString("type"u8, "com.dapr.event.sent"u8);
        json.WriteEndObject();
        json.Flush();
        return new Message(output.WrittenSpan.ToArray(), context.Metadata) { Event = EventScan.From(traceParent, traceId, expiration) };
    }

    private static bool IsReplaced(string name, PublishContext context, bool hasTrace) =>
        name is "topic" or "pubsubname" || (!hasTrace && name == "traceparent") || (context.Expires is not null && name == "expiration");

    private readonly record struct Member(string Name, bool Plain, Range Value, bool IsNull, string? Text);
}
