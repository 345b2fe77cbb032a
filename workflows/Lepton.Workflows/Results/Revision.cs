using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Decisions;
using Lepton.Workflows.Admission;
using Lepton.Workflows.Escalation;
using Lepton.Workflows.Records;

namespace Lepton.Workflows.Results;

/// <summary>Makes the two revisions of a result. Pure: the same event, answer and moment give the same bytes.</summary>
internal static class Revision
{
    /// <summary>Revision 1 and what must be remembered with it.</summary>
    public static EventRecord First(Pipeline pipeline, AdmittedEvent admitted, Answer answer, Ruling ruling, Pauses pauses, DateTimeOffset now)
    {
        var local = answer with { Uncertainty = ruling.Uncertainty ?? answer.Uncertainty };
        var shown = ruling.Outcome is Decisions.Outcome.Accept or Decisions.Outcome.ProvisionalAndEscalate;
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
                Status = ruling.Escalates ? Result.Provisional : Result.Final,
                Decision = OutcomeNames.NameOf(ruling.Outcome),
                Reasons = ruling.Reasons,
                Answer = shown ? local : null,
            },
            Local = Believable(local) ? local : null,
            Ticket = ruling.Escalates ? Ticket(pipeline, admitted, pauses, now) : null,
        };
    }

    /// <summary>Revision 2: the verdict, or the reasoned end without one. An answer that was published stays where no better one came.</summary>
    public static Result Second(EventRecord first, string? ending, Verdict? verdict, string? why, DateTimeOffset now)
    {
        var result = first.Result;
        var reason = ending switch
        {
            Endings.Answered => Agreement.Between(first.Local, verdict?.Answer) ? Reason.Confirmed : Reason.Corrected,
            Endings.Expired => Reason.Expired,
            _ => Reason.Refused,
        };
        return result with
        {
            Id = EventKey.ResultId(result.Subject, 2),
            Revision = 2,
            Supersedes = result.Id,
            Status = Result.Final,
            DecidedAt = now,
            Reasons = [reason, .. result.Reasons],
            Detail = reason == Reason.Refused ? why : null,
            Answer = verdict?.Answer ?? result.Answer,
        };
    }

    public static void Count(Result correction, PipelineTally tally)
    {
        switch (correction.Reasons[0])
        {
            case Reason.Confirmed: tally.Confirmed(); break;
            case Reason.Corrected: tally.Corrected(); break;
            default: tally.Ended(); break;
        }
    }

    public static string KeyOf(string subject) => subject[(subject.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static EscalationTicket Ticket(Pipeline pipeline, AdmittedEvent admitted, Pauses pauses, DateTimeOffset now)
    {
        var deadline = now + pipeline.Escalation.Deadline;
        deadline = admitted.Deadline < deadline ? admitted.Deadline.Value : deadline;
        return new EscalationTicket
        {
            Subject = admitted.Subject,
            Pipeline = pipeline.Name,
            Device = admitted.Device,
            Deadline = deadline,
            Keep = Keep(pipeline),
            Pauses = pauses,
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
