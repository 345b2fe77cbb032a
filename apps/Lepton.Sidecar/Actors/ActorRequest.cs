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

    /// <summary>How often a failed firing is tried again, and the pause before.</summary>
    internal (int Retries, TimeSpan Pause) OnFailure { get; init; } = DefaultOnFailure;

    internal static readonly (int Retries, TimeSpan Pause) DefaultOnFailure = (3, TimeSpan.FromSeconds(1));

    internal static ActorRequest Read(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty) throw ActorFault.Malformed("EOF");
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw ActorFault.Malformed("a JSON object is expected");
            return new ActorRequest
            {
                DueTime = Text(root, "dueTime"),
                Period = Text(root, "period"),
                Ttl = Text(root, "ttl"),
                Callback = Text(root, "callback"),
                Data = root.TryGetMember("data", out var data) ? System.Text.Encoding.UTF8.GetBytes(data.GetRawText()) : null,
                Overwrite = !root.TryGetMember("overwrite", out var overwrite) || overwrite.ValueKind != JsonValueKind.False,
                OnFailure = Failure(root),
            };
        }
        catch (JsonException fault)
        {
            throw ActorFault.Malformed(Http.GoSyntax.OfBody(body.Span) ?? fault.Message);
        }
    }

    private static string Text(JsonElement root, string name)
    {
        if (!root.TryGetMember(name, out var value) || value.ValueKind == JsonValueKind.Null) return "";
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw ActorFault.Malformed($"'{name}' must be a text");
    }

    private static (int, TimeSpan) Failure(JsonElement root)
    {
        if (!(root.TryGetMember("failurePolicy", out var policy) || root.TryGetMember("failure_policy", out policy)) || policy.ValueKind != JsonValueKind.Object) return DefaultOnFailure;
        if (policy.TryGetMember("drop", out _)) return (0, TimeSpan.Zero);
        if (!policy.TryGetMember("constant", out var constant) || constant.ValueKind != JsonValueKind.Object) return DefaultOnFailure;
        var (retries, pause) = DefaultOnFailure;
        if ((constant.TryGetMember("maxRetries", out var max) || constant.TryGetMember("max_retries", out max)) && max.TryGetInt32(out var given)) retries = given;
        if (constant.TryGetMember("interval", out var interval) && interval.ValueKind == JsonValueKind.String && Timing.Durations.TryGo(interval.GetString()!, out var length)) pause = length;
        return (retries, pause);
    }

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
