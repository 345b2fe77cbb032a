using Lepton.Contracts.Events;

namespace Lepton.Decisions;

/// <summary>What came back for one event that the gate escalated.</summary>
/// <param name="Ending">How the escalation ended.</param>
/// <param name="AnsweredLocally">Whether the lower tier's answer had been published, so that a wrong one was acted on for a while.</param>
public readonly record struct Feedback(Ending Ending, bool AnsweredLocally);

/// <summary>How an escalation ended.</summary>
public enum Ending
{
    /// <summary>The tier above gave the same answer.</summary>
    Agreed,

    /// <summary>The tier above gave another answer.</summary>
    Disagreed,

    /// <summary>The deadline passed.</summary>
    Expired,

    /// <summary>The tier above refused the event.</summary>
    Refused,
}

/// <summary>
/// What the gate of a pipeline has learned. Adding feedback commutes, so the order in which verdicts arrive changes nothing; that one event is
/// added once is its keeper's duty. The fixed threshold learns nothing from it yet: the counts are what an operator reads.
/// </summary>
/// <param name="Agreed">Escalations on which the tier above agreed.</param>
/// <param name="Disagreed">Escalations on which it did not.</param>
/// <param name="Expired">Escalations whose deadline passed.</param>
/// <param name="Refused">Escalations that were refused.</param>
/// <param name="WronglyProvisional">Of those disagreed, how many had been answered provisionally.</param>
public sealed record GateState(long Agreed = 0, long Disagreed = 0, long Expired = 0, long Refused = 0, long WronglyProvisional = 0)
{
    /// <summary>The state after one more feedback.</summary>
    public GateState With(Feedback feedback) => feedback.Ending switch
    {
        Ending.Agreed => this with { Agreed = Agreed + 1 },
        Ending.Disagreed => this with { Disagreed = Disagreed + 1, WronglyProvisional = WronglyProvisional + (feedback.AnsweredLocally ? 1 : 0) },
        Ending.Expired => this with { Expired = Expired + 1 },
        _ => this with { Refused = Refused + 1 },
    };
}

/// <summary>Whether two tiers say the same of an event.</summary>
public static class Agreement
{
    private const double SameObject = 0.5;

    /// <summary>
    /// Labels are compared as they stand; values agree within one percent; detectors agree when their boxes pair off, each pair with one label and
    /// half overlapped; an answer with none of these agrees with nothing.
    /// </summary>
    public static bool Between(Answer? lower, Answer? upper)
    {
        if (lower is null || upper is null)
        {
            return false;
        }

        if (upper.Boxes is { } boxes)
        {
            return lower.Boxes is { } others && PairOff(others, boxes);
        }

        return upper.Value is { } value
            ? lower.Value is { } other && Math.Abs(value - other) <= 0.01 * Math.Max(Math.Abs(value), Math.Abs(other))
            : upper.Label is not null && upper.Label == lower.Label;
    }

    private static bool PairOff(Box[] lower, Box[] upper)
    {
        if (lower.Length != upper.Length)
        {
            return false;
        }

        var free = upper.ToList();
        foreach (var box in lower)
        {
            var best = free.Where(other => other.Label == box.Label).MaxBy(other => other.Overlap(box));
            if (best is null || best.Overlap(box) < SameObject)
            {
                return false;
            }

            free.Remove(best);
        }

        return true;
    }
}
