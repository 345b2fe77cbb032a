namespace Lepton.Contracts.Resources;

/// <summary>When an answer is accepted without asking the tier above: a promise, from which the gate calibrates its threshold itself.</summary>
public sealed record GatePlan
{
    /// <summary>The risk allowed: the share of all events whose answer stands unasked and differs from what the tier above would say. Above 0, below 1.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary><c>pac</c>: this gate keeps alpha with probability 1 - delta; <c>expected</c>: gates keep it on average.</summary>
    public string Mode { get; init; } = "pac";

    /// <summary>How often, over calibrations, <c>pac</c> may fail.</summary>
    public double Delta { get; init; } = 0.05;

    /// <summary>Which doubt of a classifier is compared: <c>margin</c> (1 minus the gap between the two best scores), <c>top</c> (1 minus the best score) or <c>entropy</c>.</summary>
    public string Score { get; init; } = "margin";

    /// <summary>The share of events that a coin sends up for their label, whatever their scores; 0..1.</summary>
    public double Shadow { get; init; } = 0.05;

    /// <summary>True for an own threshold in each predicted class that has labels enough.</summary>
    public bool PerClass { get; init; }

    /// <summary>Labels that must not be missed, with the share of their events that may be.</summary>
    public IReadOnlyDictionary<string, double> Critical { get; init; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    /// <summary>How many times the least number of labels is gathered before the gate opens.</summary>
    public int WarmUp { get; init; } = 3;

    /// <summary>How many of the newest labels are kept.</summary>
    public int Window { get; init; } = 2000;

    /// <summary>How far the tiers' answers may differ and still agree. A detector's: the share of boxes without a match. A regression's: the difference, in the value's unit. Null when it is not stated.</summary>
    public double? Tolerance { get; init; }

    /// <summary>The least intersection over union of two boxes that match.</summary>
    public double Overlap { get; init; } = 0.5;

    /// <summary>Values of the event by name; an event whose values lie farther out than those of the calibration is not accepted. Empty for none.</summary>
    public IReadOnlyList<string> Novelty { get; init; } = [];

    /// <summary>True when everything is sent up.</summary>
    public bool AlwaysCloud { get; init; }
}
