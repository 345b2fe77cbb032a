namespace Lepton.Contracts.Resources;

/// <summary>A question of size: how many cores and how much bandwidth a set of sites needs. Answered by <c>lepton plan</c>.</summary>
public sealed record Plan
{
    /// <summary>The plan's name.</summary>
    public required string Name { get; init; }

    /// <summary>The file it was read from.</summary>
    public required string File { get; init; }

    /// <summary>What the queueing model needs to know; null when the plan asks only for the share model.</summary>
    public QueueingInput? Queueing { get; init; }

    /// <summary>What the share model needs to know; null when the plan asks only for the queueing model.</summary>
    public ShareInput? Share { get; init; }
}

/// <summary>Input of the queueing model. Seconds, bytes and bits per second throughout; prices per unit of time in one currency.</summary>
public sealed record QueueingInput
{
    /// <summary>Number of equal sites that share one cloud.</summary>
    public required int Sites { get; init; }

    /// <summary>Events per second at each site.</summary>
    public required double Rate { get; init; }

    /// <summary>Squared coefficient of variation of the times between events: 1 for random arrivals, more for bursts.</summary>
    public double ArrivalVariation { get; init; } = 1;

    /// <summary>The stage at each site.</summary>
    public required StageInput Edge { get; init; }

    /// <summary>The stage that all sites share.</summary>
    public required StageInput Cloud { get; init; }

    /// <summary>Round trip to the cloud in seconds, without the time of transfer.</summary>
    public required double RoundTrip { get; init; }

    /// <summary>Bytes of one escalated payload.</summary>
    public required double Payload { get; init; }

    /// <summary>The most bits per second that a site's link can have.</summary>
    public double MaxBandwidth { get; init; } = double.PositiveInfinity;

    /// <summary>Price of one Mbit/s at one site.</summary>
    public double BandwidthPrice { get; init; }

    /// <summary>Share of events that the gate escalates, from 0 to 1.</summary>
    public required double Escalation { get; init; }

    /// <summary>Share of the others that the coin sends up for their label, from 0 to 1.</summary>
    public double Shadow { get; init; } = 0.05;

    /// <summary>Seconds within which an event answered at its site is to be answered.</summary>
    public required double LocalObjective { get; init; }

    /// <summary>Seconds within which an escalated event is to be answered.</summary>
    public required double EscalatedObjective { get; init; }

    /// <summary>The share of events that must meet their objective.</summary>
    public double Quantile { get; init; } = 0.95;

    /// <summary>The most that any stage may be busy, as a share of time.</summary>
    public double MaxUtilisation { get; init; } = 0.8;
}

/// <summary>One stage of the queueing model.</summary>
/// <param name="Service">Mean seconds that one core works on one event.</param>
/// <param name="Variation">Their squared coefficient of variation.</param>
/// <param name="ServiceQuantile">Their quantile in seconds, where measured; null to have it estimated.</param>
/// <param name="MaxCores">The most cores there can be.</param>
/// <param name="Price">Price of one core.</param>
public sealed record StageInput(double Service, double Variation, double? ServiceQuantile, int MaxCores, double Price);

/// <summary>Input of the share model: what each side must have at least and can have at most, in any one unit per kind.</summary>
public sealed record ShareInput
{
    /// <summary>Computing power at the edge.</summary>
    public required ShareBounds EdgeCompute { get; init; }

    /// <summary>Computing power in the cloud.</summary>
    public required ShareBounds CloudCompute { get; init; }

    /// <summary>Storage at the edge.</summary>
    public required ShareBounds EdgeStorage { get; init; }

    /// <summary>Storage in the cloud.</summary>
    public required ShareBounds CloudStorage { get; init; }

    /// <summary>Bandwidth that each unit of storage needs.</summary>
    public required double BandwidthPerStorage { get; init; }

    /// <summary>The most bandwidth there can be.</summary>
    public double MaxBandwidth { get; init; } = double.PositiveInfinity;

    /// <summary>Price of a unit of bandwidth.</summary>
    public double BandwidthPrice { get; init; }

    /// <summary>What all may cost together.</summary>
    public double Budget { get; init; } = double.PositiveInfinity;
}

/// <summary>Bounds of one amount.</summary>
/// <param name="Least">What is needed at least.</param>
/// <param name="Most">What there can be at most.</param>
/// <param name="Price">Price of a unit.</param>
public sealed record ShareBounds(double Least, double Most = double.PositiveInfinity, double Price = 0);
