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
            members.Add(new Member(name, plain, DataJson.Read(body, ref reader), isNull, text));
        }
        return members;
    }

    private static Message Write(PublishContext context, ReadOnlySpan<byte> body, List<Member> members)
    {
        var trace = members.Exists(static member => member is { Plain: true, Name: "traceid" });
        var written = new Dictionary<string, (Member Member, string? Text)>(members.Count + 9);
        string? traceParent = null, traceId = null, expiration = null;
        foreach (var member in members)
        {
            var (name, plain, text) = (member.Name, member.Plain, member.Text);
            if (plain && IsReplaced(name, context, trace)) continue;
            if (plain && member.IsNull && name is "source" or "type" or "specversion") continue;
            if (plain && name == "traceparent") traceParent = text;
            if (plain && name == "traceid") traceId = text;
            if (plain && name == "expiration") expiration = text;
            // Of two with one name the last counts.
            written[name] = (member, null);
        }
        if (context.Expires is { } expires) Add("expiration", expiration = Envelope.Seconds(expires));
        Add("pubsubname", context.PubSub);
        Add("topic", context.Topic);
        if (!trace)
        {
            Add("traceid", context.TraceParent);
            Add("traceparent", traceParent = context.TraceParent);
        }
        AddMissing("source", "Dapr");
        AddMissing("specversion", "1.0");
        AddMissing("time", Envelope.Seconds(context.Now));
        AddMissing("tracestate", context.TraceState);
        AddMissing("type", "com.dapr.event.sent");

        var output = new ArrayBufferWriter<byte>(body.Length + 256);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        foreach (var (name, (member, text)) in written.OrderBy(static member => member.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            if (text is not null) json.WriteStringValue(text);
            else json.WriteRawValue(DataJson.Written(body, member.Value), skipInputValidation: true);
        }
        json.WriteEndObject();
        json.Flush();
        return new Message(output.WrittenSpan.ToArray(), context.Metadata) { Event = EventScan.From(traceParent, traceId, expiration) };

        void Add(string name, string text) => written[name] = (default, text);

        void AddMissing(string name, string text) => written.TryAdd(name, (default, text));
    }

    private static bool IsReplaced(string name, PublishContext context, bool hasTrace) =>
        name is "topic" or "pubsubname" || (!hasTrace && name == "traceparent") || (context.Expires is not null && name == "expiration");

    private readonly record struct Member(string Name, bool Plain, JsonStanding Value, bool IsNull, string? Text);
}
