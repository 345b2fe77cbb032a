using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>What the gate says of one answer, before anybody asks what the link and the budget allow.</summary>
/// <param name="Reasons">The need to escalate or <see cref="Reasons.Confident"/>, and <see cref="Reasons.Shadow"/> when the coin chose the event.</param>
/// <param name="Event">The salted hash of the event's id.</param>
/// <param name="Epoch">The gate's epoch.</param>
/// <param name="Designation">Why its label may calibrate, if it may.</param>
/// <param name="Propensity">How likely the event was to be labelled: 1 for all that escalate, epsilon for the others. Weight by its inverse in training and dashboards.</param>
/// <param name="Reading">What was read out of the scores; its doubt is the head's where there is one.</param>
/// <param name="Compared">The doubt that was compared, with its jitter.</param>
/// <param name="Threshold">What it was compared with.</param>
/// <param name="ErrorProbability">How likely the answer is wrong, from 0 to 1.</param>
public readonly record struct GateRuling(
    Reasons Reasons, ulong Event, int Epoch, Designation Designation, double Propensity, ScoreReading Reading, double Compared, double Threshold, double ErrorProbability)
{
    /// <summary>Whether the gate accepts the answer (a shadow event may be sent up nevertheless, for its label).</summary>
    public bool Accepts => (Reasons & Reasons.Confident) != 0;

    /// <summary>Whether the coin chose the event.</summary>
    public bool IsShadow => (Reasons & Reasons.Shadow) != 0;

    /// <summary>The label that this event becomes with the reference's class.</summary>
    /// <param name="at">When the gate decided, in milliseconds of Unix time.</param>
    /// <param name="reference">The reference's class, or <see cref="Label.Missing"/>.</param>
    /// <param name="scores">The scores that were decided about, for critical classes.</param>
    /// <param name="denied">What kept a wanted escalation from happening.</param>
    public Label Label(long at, int reference, ReadOnlySpan<double> scores, Reasons denied = Reasons.None) => new(
        Event, at, Epoch, Designation, (float)Reading.Doubt, Reading.Predicted, reference, Accepts || denied != Reasons.None, denied, (uint)reference < (uint)scores.Length ? (float)scores[reference] : 0);
}
