namespace Lepton.Decisions.Planning;

/// <summary>The cheapest sizes that meet both objectives, and what stands behind them. Times in seconds at the input's quantile.</summary>
public sealed record QueueingPlan
{
    /// <summary>Cores at each site.</summary>
    public required int EdgeCores { get; init; }

    /// <summary>Cores in the cloud; 0 when nothing is sent there.</summary>
    public required int CloudCores { get; init; }

    /// <summary>Bits per second of each site's link; 0 when nothing is sent.</summary>
    public required double Bandwidth { get; init; }

    /// <summary>What all of it costs.</summary>
    public required double Cost { get; init; }

    /// <summary>How busy the edge is, from 0 to 1.</summary>
    public required double EdgeBusy { get; init; }

    /// <summary>How busy the cloud is.</summary>
    public required double CloudBusy { get; init; }

    /// <summary>How busy each link is.</summary>
    public required double LinkBusy { get; init; }

    /// <summary>Waiting at the edge.</summary>
    public required double EdgeWait { get; init; }

    /// <summary>Service at the edge.</summary>
    public required double EdgeService { get; init; }

    /// <summary>Waiting for the link and transfer over it.</summary>
    public required double LinkTime { get; init; }

    /// <summary>Waiting in the cloud.</summary>
    public required double CloudWait { get; init; }

    /// <summary>Service in the cloud.</summary>
    public required double CloudService { get; init; }

    /// <summary>Time of an event answered at its site.</summary>
    public required double LocalTime { get; init; }

    /// <summary>Time of an escalated event.</summary>
    public required double EscalatedTime { get; init; }

    /// <summary>Which limits keep it from being cheaper: <c>edgeUtilisation</c>, <c>localObjective</c>, <c>cloudUtilisation</c>, <c>linkUtilisation</c>, <c>escalatedObjective</c>.</summary>
    public IReadOnlyList<string> Binding { get; init; } = [];

    /// <summary>What one hundredth of events less escalated would save; null where that can't be computed.</summary>
    public double? SavedByLessEscalation { get; init; }

    /// <summary>What ten milliseconds more for an escalated answer would save.</summary>
    public double? SavedByEscalatedTime { get; init; }

    /// <summary>What ten milliseconds more for a local answer would save.</summary>
    public double? SavedByLocalTime { get; init; }
}
