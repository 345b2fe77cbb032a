using System.Text.Json;
using Lepton.Contracts.Events;

namespace Lepton.Node.Api;

/// <summary>What a sidecar posts to a subscription: a bulk envelope, or a single event where bulk delivery is not to be had. Events stay bytes.</summary>
internal sealed class BulkDelivery
{
    private BulkDelivery(bool isBulk, List<(string EntryId, ReadOnlyMemory<byte> Event)> entries) => (IsBulk, Entries) = (isBulk, entries);

    public bool IsBulk { get; }

    public IReadOnlyList<(string EntryId, ReadOnlyMemory<byte> Event)> Entries { get; }

    public static BulkDelivery Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isEntries = reader.ValueTextEquals("entries"u8);
                    reader.Read();
                    if (isEntries && reader.TokenType == JsonTokenType.StartArray)
                    {
                        return new BulkDelivery(true, ReadEntries(reader, body));
                    }

                    reader.Skip();
                }
            }
        }
        catch (JsonException)
        {
            // No bulk envelope; admission says what is wrong with it as an event.
        }

        return new BulkDelivery(false, [("", body)]);
    }

    private static List<(string EntryId, ReadOnlyMemory<byte> Event)> ReadEntries(Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var entries = new List<(string, ReadOnlyMemory<byte>)>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var id = "";
            ReadOnlyMemory<byte> content = default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("entryId"u8);
                var isEvent = reader.ValueTextEquals("event"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                if (isId)
                {
                    id = reader.GetString() ?? "";
                }

                if (isEvent && reader.TokenType == JsonTokenType.StartObject && JsonNesting.End(body.Span[start..]) is >= 0 and var length)
                {
                    // The reader goes on at the closing bracket, as if the event were empty: admission reads it.
                    content = body.Slice(start, length + 1);
                    body = body[(start + length)..];
                    reader = new Utf8JsonReader(body.Span, isFinalBlock: true, reader.CurrentState);
                    reader.Read();
                    continue;
                }

                reader.Skip();
                content = isEvent ? body[start..(int)reader.BytesConsumed] : content;
            }

            entries.Add((id, content));
        }

        return entries;
    }
}
