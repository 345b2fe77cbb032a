using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Admission;

/// <summary>Step 1 of an event's way: what comes in is an event of its pipeline, or a rejection that says what is wrong and what to do.</summary>
internal static class AdmissionDesk
{
    /// <summary>Ids and sources longer than this are no identities; they would become keys and actor ids.</summary>
    private const int MostCharacters = 512;

    private const int SampleBytes = 1024;

    /// <summary>Admits one structured CloudEvent.</summary>
    public static Admitted Admit(Pipeline pipeline, ReadOnlyMemory<byte> json, DateTimeOffset now)
    {
        // Base64 and JSON make a payload larger, never smaller; what is far beyond its limit need not be parsed to know that.
        if (json.Length > (pipeline.Source.MaxBytes * 4) + (64 << 10))
        {
            return Reject(pipeline, null, json, RejectionReason.TooLarge, $"the event has {json.Length} bytes, and pipeline '{pipeline.Name}' admits payloads of {pipeline.Source.MaxBytes}; send less or raise `spec.source.maxBytes`", now);
        }

        return CloudEvent.TryParse(json, out var cloudEvent, out var problem) ? Admit(pipeline, cloudEvent, now)
            : Reject(pipeline, cloudEvent, json, RejectionReason.MalformedEvent, problem, now);
    }

    /// <summary>Admits an event whose envelope is known.</summary>
    public static Admitted Admit(Pipeline pipeline, CloudEvent cloudEvent, DateTimeOffset now)
    {
        if (Math.Max(cloudEvent.Id.Length, cloudEvent.Source.Length) > MostCharacters)
        {
            return Reject(pipeline, cloudEvent, cloudEvent.Data, RejectionReason.MalformedEvent, $"`id` and `source` may have {MostCharacters} characters; shorten them", now);
        }

        if (EventInput.Read(pipeline, cloudEvent.Source, cloudEvent.DataContentType, cloudEvent.Data, null, out var problem) is not { } input)
        {
            return Reject(pipeline, cloudEvent, cloudEvent.Data, Code(pipeline, cloudEvent), problem, now);
        }

        var key = EventKey.Of(cloudEvent.Source, cloudEvent.Id);
        return new Admitted(
            new AdmittedEvent
            {
                Key = key,
                Subject = EventKey.Subject(pipeline.Name, key),
                Device = cloudEvent.Source,
                Id = cloudEvent.Id,
                Time = cloudEvent.Time ?? now,
                Deadline = cloudEvent.Deadline,
                ContentType = cloudEvent.DataContentType,
                Input = input,
            },
            null);
    }

    /// <summary>The event again, from what was stored when it was admitted. Null with a sentence when the pipeline has changed so much that it no longer fits.</summary>
    public static AdmittedEvent? Readmit(Pipeline pipeline, string subject, StoredPayload stored, out string problem) =>
        EventInput.Read(pipeline, stored.Source, stored.ContentType, stored.Data, null, out problem) is not { } input ? null
            : new AdmittedEvent
            {
                Key = EventKey.Of(stored.Source, stored.Id),
                Subject = subject,
                Device = stored.Source,
                Id = stored.Id,
                Time = stored.Time,
                Deadline = stored.Deadline,
                ContentType = stored.ContentType,
                Input = input,
            };

    /// <summary>The rejection of an event whose deadline has passed; null while it has not. Asked only of events without a record: what was decided stays decided.</summary>
    public static Rejection? Expired(Pipeline pipeline, AdmittedEvent admitted, DateTimeOffset now) =>
        admitted.Deadline < now
            ? Rejection(pipeline, admitted.Device, admitted.Id, admitted.Input.Data, RejectionReason.DeadlineExpired, $"its deadline {admitted.Deadline:O} has passed, so nobody needs the answer any more; send events sooner or with a later deadline", now)
            : null;

    /// <summary>An admitted event of which no answer can be made.</summary>
    public static Rejection Unanswerable(Pipeline pipeline, AdmittedEvent admitted, string problem, DateTimeOffset now) =>
        Rejection(pipeline, admitted.Device, admitted.Id, admitted.Input.Data, RejectionReason.Unanswerable, problem, now);

    private static Admitted Reject(Pipeline pipeline, CloudEvent? cloudEvent, ReadOnlyMemory<byte> content, string reason, string message, DateTimeOffset now) =>
        new(null, Rejection(pipeline, Shorten(cloudEvent?.Source), Shorten(cloudEvent?.Id), content, reason, message, now));

    private static Rejection Rejection(Pipeline pipeline, string device, string eventId, ReadOnlyMemory<byte> content, string reason, string message, DateTimeOffset now) => new()
    {
        Pipeline = pipeline.Name,
        Device = device,
        EventId = eventId,
        Reason = reason,
        Message = message,
        RejectedAt = now,
        Sample = content[..Math.Min(SampleBytes, content.Length)].ToArray(),
    };

    private static string Shorten(string? text) => text is null ? "" : text.Length <= MostCharacters ? text : text[..MostCharacters];

    private static string Code(Pipeline pipeline, CloudEvent cloudEvent)
    {
        var media = cloudEvent.DataContentType.Split(';')[0].Trim();
        var fits = pipeline.Source.Kind == EventKind.Image ? media.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
            : media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
        return cloudEvent.Data.Length > pipeline.Source.MaxBytes ? RejectionReason.TooLarge : fits ? RejectionReason.InvalidData : RejectionReason.WrongContentType;
    }
}
