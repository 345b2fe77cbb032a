using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Invocation;

/// <summary>The JSON of a gRPC status, details included, as an HTTP caller of an app that speaks gRPC gets it.</summary>
internal static class StatusJson
{
    private enum Kind { Text, Texts, Map, Message, Messages, Length }

    private sealed record Field(string Name, Kind Kind, string Type = "");

    private static readonly JsonWriterOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Details = "google.rpc.";

    /// <summary>The fields of the messages that go into details, by type and number.</summary>
    private static readonly Dictionary<string, Field[]> Types = new()
    {
        [Details + "ErrorInfo"] = [new("reason", Kind.Text), new("domain", Kind.Text), new("metadata", Kind.Map)],
        [Details + "RetryInfo"] = [new("retryDelay", Kind.Length)],
        [Details + "DebugInfo"] = [new("stackEntries", Kind.Texts), new("detail", Kind.Text)],
        [Details + "QuotaFailure"] = [new("violations", Kind.Messages, "QuotaViolation")],
        ["QuotaViolation"] = [new("subject", Kind.Text), new("description", Kind.Text)],
        [Details + "PreconditionFailure"] = [new("violations", Kind.Messages, "PreconditionViolation")],
        ["PreconditionViolation"] = [new("type", Kind.Text), new("subject", Kind.Text), new("description", Kind.Text)],
        [Details + "BadRequest"] = [new("fieldViolations", Kind.Messages, "FieldViolation")],
        ["FieldViolation"] = [new("field", Kind.Text), new("description", Kind.Text), new("reason", Kind.Text), new("localizedMessage", Kind.Message, Details + "LocalizedMessage")],
        [Details + "RequestInfo"] = [new("requestId", Kind.Text), new("servingData", Kind.Text)],
        [Details + "ResourceInfo"] = [new("resourceType", Kind.Text), new("resourceName", Kind.Text), new("owner", Kind.Text), new("description", Kind.Text)],
        [Details + "Help"] = [new("links", Kind.Messages, "Link")],
        ["Link"] = [new("description", Kind.Text), new("url", Kind.Text)],
        [Details + "LocalizedMessage"] = [new("locale", Kind.Text), new("message", Kind.Text)],
    };

    /// <returns>The body, and whether it tells instead of a detail that nobody can read.</returns>
    internal static (byte[] Body, bool Unreadable) Of(RpcException fault)
    {
        var given = fault.Trailers.GetValueBytes("grpc-status-details-bin") is { } bytes ? Read(bytes) : [];
        if (given.FirstOrDefault(static detail => !Types.ContainsKey(Any.GetTypeName(detail.TypeUrl))) is { } unknown)
            return (Malformed($"proto: google.protobuf.Any: unable to resolve \"{unknown.TypeUrl}\": not found"), true);
        try
        {
            return (Told(fault, given), false);
        }
        catch (InvalidProtocolBufferException)
        {
            return (Malformed("proto: cannot parse invalid wire-format data"), true);
        }
    }

    private static byte[] Malformed(string why) => Write(json =>
    {
        json.WriteString("errorCode"u8, "ERR_MALFORMED_RESPONSE"u8);
        json.WriteString("message"u8, why);
    });

    private static byte[] Told(RpcException fault, RepeatedField<Any> given) => Write(json =>
    {
        json.WriteNumber("code"u8, (int)fault.StatusCode);
        if (fault.Status.Detail.Length > 0) json.WriteString("message"u8, fault.Status.Detail);
        if (given.Count == 0) return;
        json.WriteStartArray("details"u8);
        foreach (var detail in given)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, detail.TypeUrl);
            Members(json, Types[Any.GetTypeName(detail.TypeUrl)], detail.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    private static RepeatedField<Any> Read(byte[] bytes)
    {
        try
        {
            return Google.Rpc.Status.Parser.ParseFrom(bytes).Details;
        }
        catch (InvalidProtocolBufferException)
        {
            return [];
        }
    }

    private static void Members(Utf8JsonWriter json, Field[] fields, ByteString message)
    {
        var values = new Dictionary<int, List<ByteString>>();
        var input = message.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited || number > fields.Length) input.SkipLastField();
            else if (values.TryGetValue(number, out var before)) before.Add(input.ReadBytes());
            else values[number] = [input.ReadBytes()];
        }
        foreach (var (number, found) in values.OrderBy(static entry => entry.Key)) Member(json, fields[number - 1], found);
    }

    private static void Member(Utf8JsonWriter json, Field field, List<ByteString> values)
    {
        json.WritePropertyName(field.Name);
        switch (field.Kind)
        {
            case Kind.Text: json.WriteStringValue(values[^1].ToStringUtf8()); break;
            case Kind.Length: json.WriteStringValue(Duration.Parser.ParseFrom(values[^1]).Clamped().TotalSeconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s"); break;
            case Kind.Message: Message(json, field, values[^1]); break;
            case Kind.Map:
                json.WriteStartObject();
                foreach (var entry in values.Select(static value => Entry(value)).OrderBy(static entry => entry.Key, StringComparer.Ordinal)) json.WriteString(entry.Key, entry.Value);
                json.WriteEndObject();
                break;
            default:
                json.WriteStartArray();
                foreach (var value in values)
                {
                    if (field.Kind == Kind.Texts) json.WriteStringValue(value.ToStringUtf8());
                    else Message(json, field, value);
                }
                json.WriteEndArray();
                break;
        }
    }

    private static void Message(Utf8JsonWriter json, Field field, ByteString value)
    {
        json.WriteStartObject();
        Members(json, Types[field.Type], value);
        json.WriteEndObject();
    }

    private static (string Key, string Value) Entry(ByteString entry)
    {
        var (key, value) = ("", "");
        var input = entry.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            if (tag == 10) key = input.ReadString();
            else if (tag == 18) value = input.ReadString();
            else input.SkipLastField();
        }
        return (key, value);
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
