using System.Globalization;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Jobs;

/// <summary>A job as the HTTP API writes and reads it.</summary>
internal static class JobJson
{
    /// <exception cref="JsonException">Something in the body is not what it must be; the message says what.</exception>
    internal static (Job Job, bool Overwrite, bool Named) Read(ReadOnlyMemory<byte> body)
    {
        using var document = ProtoDocument.Parse(body);
        var root = document.Root;
        var job = new Job();
        if (root.Text("schedule") is { } schedule) job.Schedule = schedule;
        if (root.Text("dueTime") is { } due) job.DueTime = due;
        if (root.Text("ttl") is { } ttl) job.Ttl = ttl;
        if (root.UInt32("repeats") is { } repeats) job.Repeats = repeats;
        if (root.Field("data", keepNull: true) is { } data) job.Data = JobData.Of(data);
        job.FailurePolicy = Policy(document, root.Message("failurePolicy"));
        return (job, root.Bool("overwrite") == true, root.Text("name") is { Length: > 0 });
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
            if (constant.Interval is { } interval) json.WriteString("interval"u8, Length(interval.Clamped()));
            if (constant.HasMaxRetries) json.WriteNumber("maxRetries"u8, constant.MaxRetries);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A duration as protobuf writes it: its fraction has three, six or nine digits.</summary>
    private static string Length(TimeSpan length) => (length.Ticks % TimeSpan.TicksPerSecond) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0}s"),
        var part when part % TimeSpan.TicksPerMillisecond == 0 => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.000}s"),
        var part when part % TimeSpan.TicksPerMicrosecond == 0 => string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0.000000}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(decimal)length.Ticks / TimeSpan.TicksPerSecond:0.000000000}s"),
    };

    /// <summary>What holds where the caller says nothing.</summary>
    internal static JobFailurePolicy DefaultPolicy => new() { Constant = new JobFailurePolicyConstant { Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)), MaxRetries = 3 } };

    private static JobFailurePolicy Policy(ProtoDocument document, ProtoMessage? policy)
    {
        if (policy is not { } given) return DefaultPolicy;
        var (drop, constant) = (given.Message("drop"), given.Message("constant"));
        if (drop is not null && constant is not null)
            throw document.Fault(given.Field("constant")!.Value, "error parsing \"constant\", oneof dapr.proto.common.v1.JobFailurePolicy.policy is already set");
        if (drop is not null) return new JobFailurePolicy { Drop = new JobFailurePolicyDrop() };
        if (constant is not { } repeated) return DefaultPolicy;
        var read = new JobFailurePolicyConstant();
        if (repeated.Duration("interval") is { } interval) read.Interval = Duration.FromTimeSpan(interval);
        if (repeated.UInt32("maxRetries") is { } retries) read.MaxRetries = retries;
        return new JobFailurePolicy { Constant = read };
    }
}
