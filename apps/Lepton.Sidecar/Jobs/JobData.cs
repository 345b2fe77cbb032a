using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.Jobs;

/// <summary>A job's data. Over HTTP they are a JSON value, kept as protobuf's Value.</summary>
internal static class JobData
{
    internal const string ValueType = "type.googleapis.com/google.protobuf.Value";
    private const string StringType = "type.googleapis.com/google.protobuf.StringValue";
    private const string BytesType = "type.googleapis.com/google.protobuf.BytesValue";

    internal static Any Of(JsonElement json) => new() { TypeUrl = ValueType, Value = ValueOf(json).ToByteString() };

    /// <summary>The body the app gets: the JSON, or the bytes of any other message, trimmed as daprd trims them.</summary>
    internal static byte[] Body(Any? data)
    {
        if (data is null) return [];
        if (data.TypeUrl != ValueType) return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(data.Value.Span).Trim(' ', '\t', '\n', '\v', '\f', '\r'));
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer)) Write(json, Value.Parser.ParseFrom(data.Value));
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The form in which a job is shown.</summary>
    internal static void Write(Utf8JsonWriter json, Any data)
    {
        json.WriteStartObject();
        if (data.TypeUrl.Length > 0)
        {
            json.WriteString("@type"u8, data.TypeUrl);
            json.WritePropertyName("value"u8);
            switch (data.TypeUrl)
            {
                case ValueType: Write(json, Value.Parser.ParseFrom(data.Value)); break;
                case StringType: json.WriteStringValue(StringValue.Parser.ParseFrom(data.Value).Value); break;
                default: json.WriteBase64StringValue(BytesValue.Parser.ParseFrom(data.Value).Value.Span); break;
            }
        }
        json.WriteEndObject();
    }

    /// <summary>Why data that came over gRPC have no form over HTTP; null when they have one.</summary>
    internal static string? Fault(Any? data) => data switch
    {
        null or { TypeUrl: ValueType or StringType or BytesType } or { TypeUrl: "", Value.IsEmpty: true } => null,
        { TypeUrl: "" } => "proto: google.protobuf.Any: type_url is not set",
        _ => $"proto: google.protobuf.Any: unable to resolve \"{data.TypeUrl}\": not found",
    };

    private static Value ValueOf(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new Struct();
                foreach (var member in json.EnumerateObject()) members.Fields[member.Name] = ValueOf(member.Value);
                return new Value { StructValue = members };
            case JsonValueKind.Array:
                var list = new ListValue();
                foreach (var item in json.EnumerateArray()) list.Values.Add(ValueOf(item));
                return new Value { ListValue = list };
            case JsonValueKind.String: return new Value { StringValue = json.GetString()! };
            case JsonValueKind.Number: return new Value { NumberValue = json.GetDouble() };
            case JsonValueKind.True or JsonValueKind.False: return new Value { BoolValue = json.GetBoolean() };
            default: return new Value { NullValue = NullValue.NullValue };
        }
    }

    private static void Write(Utf8JsonWriter json, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                json.WriteStartObject();
                foreach (var (name, member) in value.StructValue.Fields.OrderBy(static f => f.Key, StringComparer.Ordinal))
                {
                    json.WritePropertyName(name);
                    Write(json, member);
                }
                json.WriteEndObject();
                break;
            case Value.KindOneofCase.ListValue:
                json.WriteStartArray();
                foreach (var item in value.ListValue.Values) Write(json, item);
                json.WriteEndArray();
                break;
            case Value.KindOneofCase.StringValue: json.WriteStringValue(value.StringValue); break;
            case Value.KindOneofCase.NumberValue: json.WriteRawValue(GoJson.Number(value.NumberValue)); break;
            case Value.KindOneofCase.BoolValue: json.WriteBooleanValue(value.BoolValue); break;
            default: json.WriteNullValue(); break;
        }
    }
}
