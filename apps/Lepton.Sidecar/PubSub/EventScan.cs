using System.Text.Json;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.PubSub;

/// <summary>The few members of a CloudEvent a delivery needs, found in one pass that does not build the data, or told by whoever wrote the event.</summary>
internal readonly record struct EventScan
{
    /// <summary>The payload is a JSON object; anything else is no event.</summary>
    internal bool IsObject { get; private init; }

    internal string? TraceParent { get; private init; }

    internal DateTimeOffset? Expiration { get; private init; }

    internal static EventScan Of(ReadOnlySpan<byte> payload)
    {
        string? trace = null, traceId = null, expiration = null;
        try
        {
            var reader = new Utf8JsonReader(payload);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("traceparent"u8)) trace = Text(ref reader);
                else if (reader.ValueTextEquals("traceid"u8)) traceId = Text(ref reader);
                else if (reader.ValueTextEquals("expiration"u8)) expiration = Text(ref reader);
                else reader.Skip();
            }
        }
        catch (JsonException)
        {
            return default;
        }
        return From(trace, traceId, expiration);
    }

    internal static EventScan From(string? traceParent, string? traceId, string? expiration) => new()
    {
        IsObject = true,
        TraceParent = traceParent ?? traceId,
        Expiration = expiration is not null && Durations.TryTime(expiration, out var until) ? until : null,
    };

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }
}
