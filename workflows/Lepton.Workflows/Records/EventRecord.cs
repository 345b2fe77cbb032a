using System.Text.Json.Serialization;
using Lepton.Contracts.Events;
using Lepton.Decisions.Labels;
using Lepton.Workflows.Escalation;

namespace Lepton.Workflows.Records;

/// <summary>What was decided about an event, once. Everything published or started later is made from this.</summary>
internal sealed record EventRecord
{
    /// <summary>Revision 1.</summary>
    public required Result Result { get; init; }

    /// <summary>This tier's answer, also where the result does not show it; null when it has none worth telling.</summary>
    public Answer? Local { get; init; }

    /// <summary>Set when the tier above is asked.</summary>
    public EscalationTicket? Ticket { get; init; }

    /// <summary>What the gate learns from the verdict, but for the verdict; null when that calibrates nothing.</summary>
    public Label? Label { get; init; }
}

/// <summary>An escalation as its workflow carries it: references only, the payload stays in the state store.</summary>
internal sealed record EscalationTicket
{
    public required string Subject { get; init; }

    public required string Pipeline { get; init; }

    public required string Device { get; init; }

    /// <summary>After this moment the escalation ends without a verdict.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>How long records of this event are kept.</summary>
    public required TimeSpan Keep { get; init; }

    /// <summary>How long to wait between two attempts.</summary>
    public required Pauses Pauses { get; init; }

    /// <summary>True when the answer stands and only its label is asked for: at low priority, and published only when it proves the answer wrong.</summary>
    public bool Audit { get; init; }

    /// <summary>Bytes that the budget had not when the event was decided: it is asked about once they are there.</summary>
    public long Owed { get; init; }
}

/// <summary>The payload of an event that is needed after its delivery was acknowledged.</summary>
internal sealed record StoredPayload
{
    /// <summary>The event without its data; its admission is not repeated.</summary>
    public required string Source { get; init; }

    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    public required string ContentType { get; init; }

    public required byte[] Data { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(EventRecord))]
[JsonSerializable(typeof(StoredPayload))]
internal sealed partial class RecordJson : JsonSerializerContext;
