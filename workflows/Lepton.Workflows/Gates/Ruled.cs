using Lepton.Contracts.Events;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Workflows.Gates;

/// <summary>What was decided about an answer, with what must be remembered of it.</summary>
/// <param name="Decision">What becomes of the answer.</param>
/// <param name="Doubt">The doubt compared; null when there was none.</param>
/// <param name="Facts">What the gate compared and promised; null at the top.</param>
/// <param name="Label">The label that a verdict completes; null when the event's verdict calibrates nothing.</param>
internal readonly record struct Ruled(Decision Decision, double? Doubt, GateFacts? Facts, Label? Label)
{
    public bool Escalates => Decision.Disposition is Disposition.EscalateNow or Disposition.Park or Disposition.ProvisionalAndEscalate;

    /// <summary>The tier that nobody is above gives what it has, unless it cannot be believed.</summary>
    public static Ruled AtTheTop(Answer answer)
    {
        var believable = Disagreement.IsBelievable(answer);
        var doubt = !believable ? null : answer.Scores is { } scores ? Scores.Read(scores, ScoreKind.Margin).Doubt : answer.Uncertainty;
        var why = !believable ? Reasons.InvalidScores : doubt is null ? Reasons.Unmeasured : Reasons.None;
        var decision = new Decision(believable ? Disposition.Accept : Disposition.Reject, why | Reasons.TopTier, 0, 0, false, false, false, default, 0);
        return new Ruled(decision, doubt, null, null);
    }
}
