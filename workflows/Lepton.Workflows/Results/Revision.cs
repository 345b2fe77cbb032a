using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Gates;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Results;

/// <summary>Makes the two revisions of a result. Pure: the same event, answer and moment give the same bytes.</summary>
internal static class Revision
{
    /// <summary>Revision 1 and what must be remembered with it.</summary>
    public static EventRecord First(Pipeline pipeline, AdmittedEvent admitted, Answer answer, in Ruled ruled, Pauses pauses, DateTimeOffset now)
    {
        var local = answer with { Uncertainty = ruled.Doubt ?? answer.Uncertainty };
        var shown = ruled.Decision.Disposition is Disposition.Accept or Disposition.ProvisionalAndEscalate;
        return new EventRecord
        {
            Result = new Result
            {
                Id = EventKey.ResultId(admitted.Subject, 1),
                Subject = admitted.Subject,
                Revision = 1,
                Pipeline = pipeline.Name,
                Device = admitted.Device,
                EventId = admitted.Id,
                EventTime = admitted.Time,
                DecidedAt = now,
                Status = ruled.Escalates ? Result.Provisional : Result.Final,
                Decision = DispositionNames.Of(ruled.Decision.Disposition),
                Reasons = ReasonNames.Of(ruled.Decision.Reasons),
                Answer = shown ? local : null,
                Gate = ruled.Facts,
            },
            Local = Believable(local) ? local : null,
            Ticket = ruled.Escalates || ruled.Decision.LabelToo ? Ticket(pipeline, admitted, ruled.Decision, pauses, now) : null,
            Label = ruled.Label,
        };
    }

    /// <summary>Revision 2: the verdict, or the reasoned end without one. An answer that was published stays where no better one came.</summary>
    public static Result Second(EventRecord first, string? ending, Verdict? verdict, string? why, Tolerance tolerance, DateTimeOffset now)
    {
        var result = first.Result;
        var reason = ending switch
        {
            Endings.Answered => Disagreement.Agree(first.Local, verdict?.Answer, tolerance) ? ReasonNames.Confirmed : ReasonNames.Corrected,
            Endings.Expired => ReasonNames.Expired,
            _ => ReasonNames.Refused,
        };
        return result with
        {
            Id = EventKey.ResultId(result.Subject, 2),
            Revision = 2,
            Supersedes = result.Id,
            Status = Result.Final,
            DecidedAt = now,
            Reasons = [reason, .. result.Reasons],
            Detail = reason == ReasonNames.Refused ? why : null,
            Answer = verdict?.Answer ?? result.Answer,
        };
    }

    /// <summary>Whether subscribers need to hear of a second revision: of an audit only when it proves the answer wrong.</summary>
    public static bool IsNews(Result second) => second.Decision is not ("accept" or "reject") || second.Reasons[0] == ReasonNames.Corrected;

    /// <summary>The label that the second revision completes: without a verdict it counts as wrong, and where an answer had been given, as one that stood.</summary>
    public static Label? Label(EventRecord first, Result second, Tolerance tolerance)
    {
        if (first.Label is not { } draft)
        {
            return null;
        }

        var verdict = second.Reasons[0] is ReasonNames.Confirmed or ReasonNames.Corrected ? second.Answer : null;
        var reference = Disagreement.ReferenceOf(first.Local, verdict, tolerance);
        var scores = first.Local?.Scores ?? [];
        var stood = verdict is null && first.Result.Answer is not null;
        return draft with
        {
            Reference = reference,
            CriticalScore = (uint)reference < (uint)scores.Length ? (float)scores[reference] : 0,
            Accepted = draft.Accepted || stood,
            Denied = stood && !draft.Accepted ? (ReasonNames.Read(first.Result.Reasons) & Decision.Limits) | Reasons.ParkTtl : draft.Denied,
        };
    }

    public static void Count(Result correction, PipelineTally tally)
    {
        if (correction.Decision is "accept" or "reject")
        {
            tally.Audited(correction.Reasons[0] == ReasonNames.Corrected);
            return;
        }

        switch (correction.Reasons[0])
        {
            case ReasonNames.Confirmed: tally.Confirmed(); break;
            case ReasonNames.Corrected: tally.Corrected(); break;
            default: tally.Ended(); break;
        }
    }

    public static string KeyOf(string subject) => subject[(subject.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static EscalationTicket Ticket(Pipeline pipeline, AdmittedEvent admitted, in Decision decision, Pauses pauses, DateTimeOffset now)
    {
        var deadline = now + pipeline.Escalation.Deadline;
        deadline = admitted.Deadline < deadline ? admitted.Deadline.Value : deadline;
        deadline = decision.Waits && decision.ParkUntil < deadline ? decision.ParkUntil : deadline;
        return new EscalationTicket
        {
            Subject = admitted.Subject,
            Pipeline = pipeline.Name,
            Device = admitted.Device,
            Deadline = deadline,
            Keep = Keep(pipeline),
            Pauses = pauses,
            Audit = decision.LabelToo,
            Owed = decision.Waits ? (admitted.Input.Data.Length + 2L) / 3 * 4 : 0,
        };
    }

    /// <summary>Records outlive their escalation, whatever the pipeline says.</summary>
    public static TimeSpan Keep(Pipeline pipeline)
    {
        var escalation = pipeline.Escalation.Deadline + TimeSpan.FromHours(1);
        return pipeline.DedupeFor > escalation ? pipeline.DedupeFor : escalation;
    }

    /// <summary>JSON has no NaN: an answer whose numbers are none cannot be told to anybody.</summary>
    private static bool Believable(Answer answer) =>
        (answer.Scores ?? []).All(double.IsFinite) && double.IsFinite(answer.Value ?? 0) && double.IsFinite(answer.Uncertainty ?? 0)
        && (answer.Boxes ?? []).All(box => double.IsFinite(box.Score + box.X + box.Y + box.Width + box.Height));
}
