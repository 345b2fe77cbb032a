using System.Text.Json.Serialization;
using Lepton.Decisions.Feasibility;

namespace Lepton.Decisions.Labels;

/// <summary>Why an event's label is asked for; the first three are independent of the event's doubt and alone may calibrate.</summary>
public enum Designation : byte
{
    /// <summary>Not chosen, or chosen because of its doubt: its label trains models but never the gate.</summary>
    None,

    /// <summary>Chosen by the coin.</summary>
    Shadow,

    /// <summary>Fell into the re-calibration after an alarm.</summary>
    Burst,

    /// <summary>Fell into the first calibration.</summary>
    Cold,
}

/// <summary>One event with the reference's answer, as the gate learns from it.</summary>
/// <param name="Event">The salted hash of the event's id; in JSON a text, since stores that read numbers as doubles (Dapr's actor state) lose its last digits.</param>
/// <param name="At">When the gate decided about the event, in milliseconds of Unix time.</param>
/// <param name="Epoch">The epoch of the gate that decided.</param>
/// <param name="Designation">Why it was labelled.</param>
/// <param name="Doubt">The doubt before its jitter.</param>
/// <param name="Predicted">The edge's class.</param>
/// <param name="Reference">The reference's class; <see cref="Missing"/> when it never came.</param>
/// <param name="Accepted">Whether the edge's answer stood, or would have stood without the coin.</param>
/// <param name="Denied">What kept an escalation that the gate wanted from happening; <see cref="Reasons.None"/> when nothing did.</param>
/// <param name="CriticalScore">The edge's score for the reference's class when that class is critical, else 0.</param>
public readonly record struct Label(
    [property: JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)] ulong Event, long At, int Epoch, Designation Designation, float Doubt, int Predicted, int Reference, bool Accepted, Reasons Denied = Reasons.None, float CriticalScore = 0)
{
    /// <summary>The reference of a label that was lost. It counts as wrong, since labels are not lost at random.</summary>
    public const int Missing = -1;

    /// <summary>Whether edge and reference disagree.</summary>
    public bool Wrong => Reference != Predicted;

    /// <summary>Whether a wrong answer stood.</summary>
    public bool Lost => Wrong && Accepted;

    /// <summary>The doubt that the gate compares: equal doubts are put into an order that the event's hash decides.</summary>
    public double Compared => Jittered(Doubt, Event);

    /// <summary>The same for a doubt that has no label yet.</summary>
    public static double Jittered(double doubt, ulong hash) => doubt + (1e-7 * Salt.Share(hash, Draw.Tie));

    /// <summary>Whether this label comes before another in the order of decisions.</summary>
    public bool Before(in Label other) => At != other.At ? At < other.At : Event < other.Event;
}

/// <summary>Whose a label is: what calibrates the gate is never trained on.</summary>
public static class Use
{
    /// <summary>True when the label may be trained on. A label that the gate chose always may; of the independent ones only <paramref name="share"/>, which the gate then goes without.</summary>
    public static bool MayTrain(ulong hash, Designation designation, double share) =>
        designation == Designation.None || Salt.Share(hash, Draw.Training) < share;
}
