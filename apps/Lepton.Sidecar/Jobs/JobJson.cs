using System.Globalization;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Jobs;

/// <summary>A job as the HTTP API writes and reads it.</summary>
internal static class JobJson
{
    /// <exception cref="JsonException">Something in the body is not what it must be; the message says what.</exception>
    internal static (Job Job, bool Overwrite, bool Named) Read(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty) return (new Job(), false, false);
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("a JSON object is expected");
        var job = new Job();
        if (Text(root, "schedule") is { } schedule) job.Schedule = schedule;
        if (Text(root, "dueTime") is { } due) job.DueTime = due;
        if (Text(root, "ttl") is { } ttl) job.Ttl = ttl;
        if (Number(root, "repeats") is { } repeats) job.Repeats = repeats;
        if (Member(root, "data") is { } data) job.Data = JobData.Of(data);
        job.FailurePolicy = Policy(Member(root, "failurePolicy"));
        return (job, Member(root, "overwrite") is { ValueKind: JsonValueKind.True }, Member(root, "name") is not null);
    }

    internal static void Write(Utf8JsonWriter json, Job job)
    {
        json.WriteString("name"u8, job.Name);
        if (job.HasSchedule) json.WriteString("schedule"u8, job.Schedule);
        if (job.HasRepeats) json.WriteNumber("repeats"u8, job.Repeats);
        if (job.HasDueTime) json.WriteString("dueTime"u8, job.DueTime);
        if (job.HasTtl) json.WriteString("ttl"u8, job.Ttl);
        if (job.Data is { } data)
        {
            json.WritePropertyName("data"u8);
            JobData.Write(json, data);
        }
        json.WriteStartObject("failurePolicy"u8);
        json.WriteStartObject(job.FailurePolicy is { Drop: not null } ? "drop"u8 : "constant"u8);
        if (job.FailurePolicy?.Constant is { } constant)
        {
            if (constant.Interval is { } interval) json.WriteString("interval"u8, interval.Clamped().TotalSeconds.ToString("0.#########", CultureInfo.InvariantCulture) + "s");
            if (constant.HasMaxRetries) json.WriteNumber("maxRetries"u8, constant.MaxRetries);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>What holds where the caller says nothing.</summary>
    internal static JobFailurePolicy DefaultPolicy => new() { Constant = new JobFailurePolicyConstant { Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)), MaxRetries = 3 } };

    private static JobFailurePolicy Policy(JsonElement? policy)
    {
        if (policy is not { ValueKind: JsonValueKind.Object } given) return DefaultPolicy;
        if (Member(given, "drop") is not null) return new JobFailurePolicy { Drop = new JobFailurePolicyDrop() };
        if (Member(given, "constant") is not { ValueKind: JsonValueKind.Object } constant) return DefaultPolicy;
        var read = new JobFailurePolicyConstant();
        if (Text(constant, "interval") is { } text)
            read.Interval = Durations.TryGo(text, out var interval) ? Duration.FromTimeSpan(interval) : throw new JsonException($"invalid google.protobuf.Duration value \"{text}\"");
        if (Number(constant, "maxRetries") is { } retries) read.MaxRetries = retries;
        return new JobFailurePolicy { Constant = read };
    }

    private static JsonElement? Member(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement owner, string name) => Member(owner, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw new JsonException($"invalid value for string field {name}: {other.GetRawText()}"),
    };

    private static uint? Number(JsonElement owner, string name) => Member(owner, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetUInt32(out var whole) => whole,
        { } other => throw new JsonException($"invalid value for uint32 field {name}: {other.GetRawText()}"),
    };
}
