using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Lepton.Sidecar.PubSub;

/// <summary>A CloudEvent as the gRPC message of a delivery, alone or as an entry of a batch.</summary>
internal static class TopicEvents
{
    internal static TopicEventRequest Read(ReadOnlyMemory<byte> cloudEvent, string pubsub, string topic, string path)
    {
        var read = Read(cloudEvent);
        return new TopicEventRequest
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
    }

    internal static TopicEventCERequest Read(ReadOnlyMemory<byte> cloudEvent)
    {
        using var document = JsonDocument.Parse(cloudEvent);
        var message = new TopicEventCERequest();
        var extensions = new Struct();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "id": message.Id = Text(member.Value); break;
                case "source": message.Source = Text(member.Value); break;
                case "type": message.Type = Text(member.Value); break;
                case "specversion": message.SpecVersion = Text(member.Value); break;
                case "datacontenttype": message.DataContentType = Text(member.Value); break;
                case "data": message.Data = Data(member.Value, document.RootElement); break;
                case "data_base64": message.Data = member.Value.ValueKind == JsonValueKind.String && member.Value.TryGetBytesFromBase64(out var bytes) ? UnsafeByteOperations.UnsafeWrap(bytes) : ByteString.Empty; break;
                default: extensions.Fields[member.Name] = ValueOf(member.Value); break;
            }
        }
        message.Extensions = extensions;
        return message;
    }

    /// <summary>JSON data as it stands, so that no digit is lost; text as its bytes.</summary>
    private static ByteString Data(JsonElement data, JsonElement root)
    {
        var type = root.TryGetProperty("datacontenttype", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        return data.ValueKind == JsonValueKind.String && !Envelope.IsJson(type) ? ByteString.CopyFromUtf8(data.GetString()!) : ByteString.CopyFromUtf8(data.GetRawText());
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

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
