using Lepton.Cli.Pipelines;

namespace Lepton.Cli.Supervision;

/// <summary>What `up` was told.</summary>
internal sealed record UpOptions
{
    public required FeedOptions Feeds { get; init; }

    public required string File { get; init; }

    /// <summary>How long events flow; null until Ctrl-C.</summary>
    public TimeSpan? For { get; init; }

    public required TimeSpan Drain { get; init; }

    public TimeSpan? CutUplinkAt { get; init; }

    public TimeSpan? RestoreAt { get; init; }

    public string? FailedDelivery { get; init; }

    public required bool Json { get; init; }

    public required int PagePort { get; init; }

    public required int ControlPort { get; init; }
}
