using Lepton.Contracts.Events;
using Lepton.Inference;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Admission;

/// <summary>An event that may be answered.</summary>
internal sealed record AdmittedEvent
{
    /// <summary>The key from which every id of its results is made.</summary>
    public required string Key { get; init; }

    public required string Subject { get; init; }

    public required string Device { get; init; }

    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    public required string ContentType { get; init; }

    public required EventInput Input { get; init; }

    public StoredPayload ToStored() => new() { Source = Device, Id = Id, Time = Time, Deadline = Deadline, ContentType = ContentType, Data = Input.Data.ToArray() };
}

/// <summary>Either an admitted event or why it is none.</summary>
internal readonly record struct Admitted(AdmittedEvent? Event, Rejection? Rejection);

/// <summary>Why an event is not admitted: the codes in a rejection's <c>reason</c>.</summary>
internal static class RejectionReason
{
    public const string MalformedEvent = "malformedEvent";
    public const string TooLarge = "tooLarge";
    public const string WrongContentType = "wrongContentType";
    public const string InvalidData = "invalidData";
    public const string DeadlineExpired = "deadlineExpired";

    /// <summary>The payload was admitted, but no answer could be made of it: a truncated image, a model that fails on it.</summary>
    public const string Unanswerable = "unanswerable";
}
