using System.Text.Json.Serialization;

namespace Lepton.Contracts.Events;

/// <summary>A question to the tier above: <c>POST /v1/escalations</c>. Asked again with the same id it gets the same verdict.</summary>
public sealed record EscalationRequest
{
    /// <summary>The subject of the event's results; also the id of the escalation.</summary>
    public required string Id { get; init; }

    /// <summary>The pipeline.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The device.</summary>
    public required string Device { get; init; }

    /// <summary>The app id of the node that asks.</summary>
    public required string From { get; init; }

    /// <summary>Media type of <see cref="Data"/>.</summary>
    public required string ContentType { get; init; }

    /// <summary>The event's payload bytes.</summary>
    public required byte[] Data { get; init; }

    /// <summary>The device's own baseline by signal name, from its twin; null when there is none.</summary>
    public IReadOnlyDictionary<string, float[]>? Baseline { get; init; }

    /// <summary>The answer of the tier that asks; null when it has none.</summary>
    public Answer? Answer { get; init; }

    /// <summary>After this moment nobody waits for the verdict any more.</summary>
    public required DateTimeOffset Deadline { get; init; }
}

/// <summary>The answer of the tier above.</summary>
public sealed record Verdict
{
    /// <summary>The id of the escalation.</summary>
    public required string Id { get; init; }

    /// <summary>Which node gave it, by app id; for a human's the reviewer.</summary>
    public required string By { get; init; }

    /// <summary>The answer; null when the tier above refuses the event for good.</summary>
    public Answer? Answer { get; init; }

    /// <summary>SHA-256 of the model that answered; null when no model did. A gate calibrated against another one starts anew.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>Why there is no answer, as a sentence; null when there is one.</summary>
    public string? Refusal { get; init; }

    /// <summary>When it was given.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>JSON of everything that Lepton publishes or asks: camel case, nulls left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Result))]
[JsonSerializable(typeof(Rejection))]
[JsonSerializable(typeof(EscalationRequest))]
[JsonSerializable(typeof(Verdict))]
[JsonSerializable(typeof(Answer))]
public sealed partial class ContractJson : JsonSerializerContext;
