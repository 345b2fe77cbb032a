using System.Text.Json.Serialization;
using Lepton.Contracts.Events;

namespace Lepton.Cli.Checking;

/// <summary>Two quantiles, in milliseconds; null without a value.</summary>
internal sealed record Quantiles(double? P50, double? P99);

/// <summary>A figure of the edge's answers alone, and of the answers in the end; null where there is no truth.</summary>
internal sealed record BeforeAfter(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? EdgeOnly,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Final);

/// <summary>What the checker says of one pipeline.</summary>
internal sealed record PipelineFigures
{
    /// <summary>Distinct events: acknowledged publishes, and those of other publishers whose first result was seen.</summary>
    public long Events { get; init; }

    public long Answered { get; init; }

    public long Escalated { get; init; }

    public long Corrected { get; init; }

    /// <summary>Corrections whose answer differs from the one they replace.</summary>
    public long Changed { get; init; }

    /// <summary>Escalations that ended without a verdict.</summary>
    public long Unresolved { get; init; }

    /// <summary>Events whose last word is still to come.</summary>
    public long Pending { get; init; }

    /// <summary>Acknowledged publishes of which nothing at all was seen yet.</summary>
    public long Unanswered { get; init; }

    /// <summary>Events on the dead-letter topic, with or without a reason.</summary>
    public long DeadLettered { get; init; }

    /// <summary>Those without a reason: their deliveries were used up.</summary>
    public long Abandoned { get; init; }

    public long Duplicated { get; init; }

    public required Quantiles LatencyMs { get; init; }

    public required BeforeAfter Accuracy { get; init; }

    public required BeforeAfter Sensitivity { get; init; }

    public required BeforeAfter Specificity { get; init; }

    public long PayloadBytes { get; init; }

    public long EscalatedPayloadBytes { get; init; }
}

/// <summary>What the checker says of a run.</summary>
internal sealed record RunFigures(string Run, IReadOnlyDictionary<string, PipelineFigures> Pipelines);

/// <summary>Effects of results on twins and gates, compared with what was seen.</summary>
/// <param name="Checked">How many twins and gates were asked.</param>
/// <param name="AppliedTwice">Effects that were applied more often than there were events for them, by pipeline.</param>
/// <param name="Notes">One sentence for each difference, and for what could not be asked.</param>
internal sealed record Audit(int Checked, IReadOnlyDictionary<string, long> AppliedTwice, IReadOnlyList<string> Notes);

/// <summary>A result as the page and `results --follow` get it.</summary>
internal sealed record SeenResult(DateTimeOffset Seen, Result Result);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Sighting))]
[JsonSerializable(typeof(JournalHead))]
[JsonSerializable(typeof(RunFigures))]
[JsonSerializable(typeof(Audit))]
[JsonSerializable(typeof(SeenResult))]
[JsonSerializable(typeof(IReadOnlyList<SeenResult>))]
internal sealed partial class CheckingJson : JsonSerializerContext;
