using System.Text.Json.Serialization;
using Lepton.Cli.Checking;

namespace Lepton.Cli.Supervision;

/// <summary>Bytes sent to the tier above, and what escalating every event would have cost.</summary>
internal sealed record Uplink(long Bytes, long BytesIfAll);

/// <summary>One pipeline in the summary and on the page.</summary>
internal sealed record PipelineSummary
{
    public required long Events { get; init; }

    public required long Answered { get; init; }

    public required long Escalated { get; init; }

    public required long Corrected { get; init; }

    /// <summary>Corrections whose answer differs from the one they replace.</summary>
    public required long Changed { get; init; }

    /// <summary>Escalations that ended without a verdict.</summary>
    public required long Unresolved { get; init; }

    public required long Pending { get; init; }

    public required long DeadLettered { get; init; }

    public required long Lost { get; init; }

    public required long Duplicated { get; init; }

    public required Quantiles LatencyMs { get; init; }

    public required Uplink Uplink { get; init; }

    public required BeforeAfter Accuracy { get; init; }

    public required BeforeAfter Sensitivity { get; init; }

    public required BeforeAfter Specificity { get; init; }

    /// <summary>Where the edge's gate stands: its phase; null before the node has said it.</summary>
    public string? Gate { get; init; }
}

/// <summary>One child in the summary and on the page.</summary>
internal sealed record AppState(string Name, int? Pid, bool Up, int Restarts);

/// <summary>A run as `up` shows it: live on the page, and in the end as its JSON.</summary>
internal sealed record RunState
{
    public required string Run { get; init; }

    /// <summary>starting, running, draining or ended.</summary>
    public required string Phase { get; init; }

    /// <summary>Seconds since events began to flow.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether every event had its last word when the drain ended; null before that.</summary>
    public bool? Drained { get; init; }

    public required bool UplinkCut { get; init; }

    public required IReadOnlyDictionary<string, PipelineSummary> Pipelines { get; init; }

    public required IReadOnlyList<AppState> Apps { get; init; }

    /// <summary>What a person should know, newest last.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>What the page's button sends.</summary>
internal sealed record UplinkOrder(bool Cut);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(UplinkOrder))]
internal sealed partial class SupervisionJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunState))]
internal sealed partial class SummaryJson : JsonSerializerContext;
