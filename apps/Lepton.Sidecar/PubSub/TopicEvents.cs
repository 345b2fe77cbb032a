using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Lepton.Sidecar.PubSub;

/// <summary>A CloudEvent as the gRPC message of a delivery, alone or as an entry of a batch.</summary>
internal static class TopicEvents
{
    /// <summary>The event of a delivery; null when its data is not what its content type says, which no app can be given.</summary>
    internal static TopicEventRequest? Read(ReadOnlyMemory<byte> cloudEvent, string pubsub, string topic, string path) => Read(cloudEvent) is not { } read ? null : new TopicEventRequest
    {
        Id = read.Id,
        Source = read.Source,
        Type = read.Type,
        SpecVersion = read.SpecVersion,
        DataContentType = read.DataContentType,
        Data = read.Data,
        Extensions = read.Extensions,
        PubsubName = pubsub,
        Topic = topic,
        Path = path,
    };

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, string, string, string)"/>
    internal static TopicEventCERequest? Read(ReadOnlyMemory<byte> cloudEvent)
    {
        using var document = JsonDocument.Parse(cloudEvent);
        var message = new TopicEventCERequest();
        var extensions = new Struct();
        JsonElement data = default, binary = default;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "id": message.Id = Text(member.Value); break;
                case "source": message.Source = Text(member.Value); break;
                case "type": message.Type = Text(member.Value); break;
                case "specversion": message.SpecVersion = Text(member.Value); break;
                case "datacontenttype": message.DataContentType = Text(member.Value); break;
                case "data": data = member.Value; break;
                case "data_base64": binary = member.Value; break;
                default: extensions.Fields[member.Name] = ValueOf(member.Value); break;
            }
        }
        message.Extensions = extensions;
        if (Data(message.DataContentType, data, binary) is not { } bytes) return null;
        message.Data = bytes;
        return message;
    }

    /// <summary>
    /// JSON data as it stands, so that no digit is lost; text as its bytes. As in daprd an event of another content type has no data over gRPC, unless as base64.
    /// </summary>
    private static ByteString? Data(string contentType, JsonElement data, JsonElement binary)
    {
        if (binary.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            return binary.ValueKind == JsonValueKind.String && binary.TryGetBytesFromBase64(out var bytes) ? UnsafeByteOperations.UnsafeWrap(bytes) : null;
        if (data.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return ByteString.Empty;
        if (Envelope.IsText(contentType)) return data.ValueKind == JsonValueKind.String ? ByteString.CopyFromUtf8(data.GetString()!) : null;
        return Envelope.IsJson(contentType) || Envelope.IsCloudEvent(contentType) ? ByteString.CopyFromUtf8(data.GetRawText()) : ByteString.Empty;
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static Value ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Value.ForString(value.GetString()),
        JsonValueKind.Number => Value.ForNumber(value.GetDouble()),
        JsonValueKind.True => Value.ForBool(true),
        JsonValueKind.False => Value.ForBool(false),
        JsonValueKind.Object => Value.ForStruct(StructOf(value)),
        JsonValueKind.Array => Value.ForList([.. value.EnumerateArray().Select(ValueOf)]),
        _ => Value.ForNull(),
    };

    private static Struct StructOf(JsonElement value)
    {
        var made = new Struct();
        foreach (var member in value.EnumerateObject()) made.Fields[member.Name] = ValueOf(member.Value);
        return made;
    }
}
