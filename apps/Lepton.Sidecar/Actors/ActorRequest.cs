using System.Buffers;
using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Actors;

/// <summary>The body of a reminder's or timer's registration. Texts that were not given are empty; <see cref="Data"/> is a raw JSON value or null.</summary>
internal sealed record ActorRequest
{
    internal string DueTime { get; init; } = "";

    internal string Period { get; init; } = "";

    internal string Ttl { get; init; } = "";

    internal string Callback { get; init; } = "";

    internal byte[]? Data { get; init; }

    internal bool Overwrite { get; init; } = true;

    /// <summary>How often a failed firing is tried again, and the pause before. As with daprd only gRPC can say otherwise.</summary>
    internal (int Retries, TimeSpan Pause) OnFailure { get; init; } = DefaultOnFailure;

    internal static readonly (int Retries, TimeSpan Pause) DefaultOnFailure = (3, TimeSpan.FromSeconds(1));

    /// <summary>The first JSON value of a body; what follows does not matter.</summary>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (GoSyntax.OfBody(body.Span) is { } fault) throw ActorFault.Malformed(fault);
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 1000 });
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException unreadable)
        {
            throw ActorFault.Malformed(unreadable.Message);
        }
    }

    // Members as Go reads them: names in any case, of several the last, and a null leaves a text as it is.
    internal static ActorRequest Read(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw ActorFault.Malformed($"json: cannot unmarshal {GoKind(root)} into Go value of type api.CreateReminderRequest");
        var (due, period, ttl, callback) = ("", "", "", "");
        byte[]? data = null;
        var overwrite = true;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name.ToLowerInvariant())
            {
                case "duetime": due = Text(member.Value, "dueTime") ?? due; break;
                case "period": period = Text(member.Value, "period") ?? period; break;
                case "ttl": ttl = Text(member.Value, "ttl") ?? ttl; break;
                case "callback": callback = Text(member.Value, "callback") ?? callback; break;
                case "data": data = System.Text.Encoding.UTF8.GetBytes(member.Value.GetRawText()); break;
                case "overwrite":
                    overwrite = member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null ? member.Value.ValueKind != JsonValueKind.False : throw Mistyped(member.Value, "overwrite", "bool");
                    break;
            }
        }
        return new ActorRequest { DueTime = due, Period = period, Ttl = ttl, Callback = callback, Data = data, Overwrite = overwrite };
    }

    private static string? Text(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => throw Mistyped(value, name, "string"),
    };

    private static ActorFault Mistyped(JsonElement value, string name, string type) => ActorFault.Malformed($"json: cannot unmarshal {GoKind(value)} into Go struct field .{name} of type {type}");

    internal static string GoKind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>What the app gets when it fires: texts, and the data only when there is some.</summary>
    internal static ReadOnlyMemory<byte> Firing(byte[]? data, string dueTime, string period, string? callback)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (data is not null)
        {
            json.WritePropertyName("data"u8);
            json.WriteRawValue(data, skipInputValidation: true);
        }
        if (callback is not null) json.WriteString("callback"u8, callback);
        json.WriteString("dueTime"u8, dueTime);
        json.WriteString("period"u8, period);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
