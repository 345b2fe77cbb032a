using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.PubSub;

/// <summary>What a publish says besides its body.</summary>
internal sealed record PublishContext(string AppId, string PubSub, string Topic)
{
    internal string? ContentType { get; init; }

    internal IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The publisher's trace as it came, or the span it was given.</summary>
    internal string TraceParent { get; init; } = "";

    internal string TraceState { get; init; } = "";

    internal DateTimeOffset Now { get; init; }

    internal DateTimeOffset? Expires { get; init; }
}

/// <summary>Builds the CloudEvent around a published body.</summary>
internal static class Envelope
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    internal static Message Wrap(PublishContext context, ReadOnlySpan<byte> data)
    {
        var output = new ArrayBufferWriter<byte>(data.Length + 512);
        var overrides = Overrides.Of(context.Metadata);
        var trace = overrides.TraceParent ?? overrides.TraceId ?? context.TraceParent;
        var expiration = context.Expires is { } expires ? Seconds(expires) : null;
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            WriteData(json, context.ContentType, data);
            json.WriteString("datacontenttype"u8, context.ContentType is { Length: > 0 } type ? type : "text/plain");
            if (expiration is not null) json.WriteString("expiration"u8, expiration);
            json.WriteString("id"u8, overrides.Id ?? Guid.NewGuid().ToString());
            json.WriteString("pubsubname"u8, context.PubSub);
            json.WriteString("source"u8, overrides.Source ?? context.AppId);
            json.WriteString("specversion"u8, "1.0"u8);
            if (overrides.Subject is not null) json.WriteString("subject"u8, overrides.Subject);
            json.WriteString("time"u8, Seconds(context.Now));
            json.WriteString("topic"u8, context.Topic);
            json.WriteString("traceid"u8, trace);
            json.WriteString("traceparent"u8, trace);
            json.WriteString("tracestate"u8, overrides.TraceState ?? context.TraceState);
            json.WriteString("type"u8, overrides.Type ?? "com.dapr.event.sent");
            json.WriteEndObject();
        }
        return new Message(output.WrittenSpan.ToArray(), context.Metadata) { Event = EventScan.From(trace, null, expiration) };
    }

    /// <summary>Whether a content type means a ready CloudEvent.</summary>
    internal static bool IsCloudEvent(string? contentType) => MediaType(contentType).Equals("application/cloudevents+json", StringComparison.OrdinalIgnoreCase);

    internal static bool IsJson(string? contentType) => MediaType(contentType).Equals("application/json", StringComparison.OrdinalIgnoreCase);

    internal static bool IsText(string? contentType) =>
        contentType.AsSpan().StartsWith("text/", StringComparison.OrdinalIgnoreCase) || MediaType(contentType).Equals("application/xml", StringComparison.OrdinalIgnoreCase);

    internal static bool IsBinary(string? contentType) => MediaType(contentType) is var type
        && (type.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase) || type.Equals("application/cloudevents+protobuf", StringComparison.OrdinalIgnoreCase));

    internal static ReadOnlySpan<char> MediaType(string? contentType)
    {
        var span = contentType.AsSpan();
        var end = span.IndexOf(';');
        return end < 0 ? span : span[..end];
    }

    internal static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    internal static void WriteData(Utf8JsonWriter json, string? contentType, ReadOnlySpan<byte> data)
    {
        if (IsBinary(contentType))
        {
            json.WriteBase64String("data_base64"u8, data);
            return;
        }
        if (IsJson(contentType) && DataJson.TryWrite(json, data, "data")) return;
        if (Ascii.IsValid(data))
        {
            json.WriteString("data"u8, data);
        }
        else
        {
            json.WriteString("data"u8, GoText.Of(data));
        }
    }
}
