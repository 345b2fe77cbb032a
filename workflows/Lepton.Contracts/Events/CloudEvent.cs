using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Lepton.Contracts.Events;

/// <summary>A CloudEvents 1.0 event in structured JSON mode. Data stays bytes: JSON text as it stood, or the decoded bytes of <c>data_base64</c>.</summary>
public sealed record CloudEvent
{
    /// <summary>The media type of structured mode.</summary>
    public const string MediaType = "application/cloudevents+json";

    /// <summary>The event's id, unique within <see cref="Source"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Who made it, a URI reference; for a device's events its identity.</summary>
    public required string Source { get; init; }

    /// <summary>Its type.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about; null when not given.</summary>
    public string? Subject { get; init; }

    /// <summary>When it happened; null when not given.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The extension attribute <c>deadline</c>: after this moment nobody needs the answer; null when not given.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Media type of the data; <c>application/json</c> when not given.</summary>
    public string DataContentType { get; init; } = "application/json";

    /// <summary>W3C trace parent; null when not given.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The data: UTF-8 JSON text, or raw bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>True when the data are raw bytes (<c>data_base64</c>).</summary>
    public bool IsBinary { get; init; }

    /// <summary>
    /// Reads an event. False with a sentence in <paramref name="problem"/> when the text is no CloudEvent 1.0; the event then holds what could be read
    /// of id and source (empty where nothing could), so that the fault can be told from whom it came.
    /// </summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, out CloudEvent cloudEvent, out string problem)
    {
        string id = "", source = "", type = "", version = "";
        string? subject = null, traceParent = null;
        var contentType = "application/json";
        DateTimeOffset? time = null, deadline = null;
        ReadOnlyMemory<byte> data = default;
        var binary = false;
        problem = "";
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                problem = "the body is no JSON object; send one structured CloudEvent (application/cloudevents+json)";
            }

            while (problem.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "id": id = Text(ref reader); break;
                    case "source": source = Text(ref reader); break;
                    case "type": type = Text(ref reader); break;
                    case "specversion": version = Text(ref reader); break;
                    case "subject": subject = Text(ref reader); break;
                    case "traceparent": traceParent = Text(ref reader); break;
                    case "datacontenttype": contentType = Text(ref reader) is { Length: > 0 } given ? given : contentType; break;
                    case "time":
                        time = reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var moment) ? moment : null;
                        break;
                    case "deadline":
                        deadline = reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var last) ? last : null;
                        break;
                    case "data_base64":
                        binary = true;
                        if (reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes))
                        {
                            data = bytes;
                        }
                        else
                        {
                            problem = "`data_base64` is no base64 text; encode the bytes with standard base64";
                        }

                        break;
                    case "data":
                        var start = (int)reader.TokenStartIndex;
                        reader.Skip();
                        data = json[start..(int)reader.BytesConsumed];
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            if (problem.Length == 0)
            {
                problem = Missing(id, source, type, version);
            }
        }
        catch (JsonException error)
        {
            problem = $"the body is no valid JSON ({error.Message.Split('.')[0]}); send one structured CloudEvent";
        }
        catch (InvalidOperationException)
        {
            problem = "a text of the event is no valid UTF-8; encode it as UTF-8";
        }

        cloudEvent = new CloudEvent
        {
            Id = id,
            Source = source,
            Type = type,
            Subject = subject,
            Time = time,
            Deadline = deadline,
            DataContentType = contentType,
            TraceParent = traceParent,
            Data = data,
            IsBinary = binary,
        };
        return problem.Length == 0;
    }

    /// <summary>Writes the event in structured JSON mode, UTF-8.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512 + (Data.Length * (IsBinary ? 4 : 3) / 3));
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", Id);
            writer.WriteString("source", Source);
            writer.WriteString("type", Type);
            WriteOptional(writer, "subject", Subject);
            if (Time is { } time)
            {
                writer.WriteString("time", time);
            }

            if (Deadline is { } deadline)
            {
                writer.WriteString("deadline", deadline);
            }

            writer.WriteString("datacontenttype", DataContentType);
            WriteOptional(writer, "traceparent", TraceParent);
            if (IsBinary)
            {
                writer.WriteBase64String("data_base64", Data.Span);
            }
            else if (!Data.IsEmpty)
            {
                writer.WritePropertyName("data");
                writer.WriteRawValue(Data.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString() ?? "";
        }

        reader.Skip();
        return "";
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static string Missing(string id, string source, string type, string version)
    {
        if (version != "1.0")
        {
            return version.Length == 0 ? "`specversion` is missing; write \"1.0\"" : $"`specversion` is '{version}'; write \"1.0\"";
        }

        var missing = new StringBuilder();
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("id", id), ("source", source), ("type", type)])
        {
            if (value.Length == 0)
            {
                missing.Append(missing.Length == 0 ? "" : ", ").Append('`').Append(name).Append('`');
            }
        }

        return missing.Length == 0 ? "" : $"{missing} missing or no text; a CloudEvent needs id, source and type";
    }
}
