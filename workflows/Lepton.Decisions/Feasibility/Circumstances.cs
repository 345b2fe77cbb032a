using Lepton.Contracts.Resources;

namespace Lepton.Decisions.Feasibility;

/// <summary>How a pipeline escalates.</summary>
/// <param name="Provisional">When an answer that is not accepted is published at once.</param>
/// <param name="RejectWhenUnsure">Whether an answer that can neither be accepted nor escalated is withheld instead of given as degraded.</param>
/// <param name="ParkFor">How long an event waits for link or budget; zero for not at all.</param>
public sealed record EscalationPolicy(ProvisionalAnswers Provisional, bool RejectWhenUnsure, TimeSpan ParkFor);

/// <summary>What one decision needs to know besides the gate's ruling.</summary>
/// <param name="Now">The time.</param>
/// <param name="Deadline">When the answer is due.</param>
/// <param name="PayloadBytes">Size of the payload.</param>
/// <param name="Link">The link to the tier above.</param>
/// <param name="Budget">What may be sent.</param>
/// <param name="FeatureBytes">Size of the features that may be sent instead of the payload; 0 when there are none.</param>
/// <param name="Privacy">What may leave this tier.</param>
/// <param name="Cost">What a wrong answer of the predicted class costs; 1 by default.</param>
/// <param name="QueuedBytes">Bytes waiting before this event's.</param>
/// <param name="QueueFull">Whether the queue of escalations takes no more.</param>
/// <param name="CloudWait">Expected seconds in the upper tier's queue.</param>
/// <param name="CloudService">Smoothed seconds of its service.</param>
/// <param name="CloudDeviation">Their smoothed deviation in seconds.</param>
public readonly record struct Circumstances(
    DateTimeOffset Now, DateTimeOffset Deadline, long PayloadBytes, LinkEstimate Link, BudgetView Budget, long FeatureBytes = 0, Privacy Privacy = Privacy.Free, double Cost = 1,
    long QueuedBytes = 0, bool QueueFull = false, double CloudWait = 0, double CloudService = 0, double CloudDeviation = 0)
{
    /// <summary>The bytes that would be sent; 0 when nothing may be.</summary>
    public long SendableBytes => Privacy switch { Privacy.Free => PayloadBytes, Privacy.FeaturesOnly => FeatureBytes, _ => 0 };

    /// <summary>Whether the event has to be answered here.</summary>
    public bool MustStay => Privacy == Privacy.LocalOnly || (Privacy == Privacy.FeaturesOnly && FeatureBytes == 0);

    /// <summary>Seconds until the verdict is expected, on the safe side.</summary>
    public double EscalationSeconds => Link.SecondsFor(SendableBytes, QueuedBytes) + CloudWait + CloudService + (4 * CloudDeviation);
}
