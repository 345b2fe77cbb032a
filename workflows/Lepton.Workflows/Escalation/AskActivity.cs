using System.Diagnostics;
using System.Text.Json;
using Dapr.Workflow;
using Lepton.Contracts.Events;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Gates;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;
using Microsoft.Extensions.Logging;

namespace Lepton.Workflows.Escalation;

/// <summary>
/// Asks the tier above once, with the payload out of the state store and the device's baseline out of its twin. A verdict is made use of at once, here:
/// what is left over when that fails is the workflow's, which repeats it. So an escalation is one activity when all goes well, and old questions
/// never wait behind new ones for their corrections and labels.
/// </summary>
internal sealed class AskActivity(
    NodeIdentity node, PipelineBook book, RecordStore records, Residents residents, TierAbove above, UpLink link, GateBoard gates, Correction correction, Lesson lesson, Tally tally, ILogger<AskActivity> log)
    : WorkflowActivity<Question, Reply>
{
    public const string Name = "Ask";

    private static readonly TimeSpan BudgetPause = TimeSpan.FromSeconds(1);

    public override async Task<Reply> RunAsync(WorkflowActivityContext context, Question input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var ticket = input.Ticket;
        if (ticket.Owed > 0 && !input.Paid && gates.Of(ticket.Pipeline)?.TryPay(ticket.Owed) == false)
        {
            return Reply.NotYet("the budget of its pipeline has not enough bytes yet") with { RetryAfter = BudgetPause };
        }

        var record = await records.ReadAsync(ticket.Subject, limit.Token).ConfigureAwait(false);
        var payload = await records.PayloadAsync(ticket.Subject, limit.Token).ConfigureAwait(false);
        if (record is null || payload is null)
        {
            Log.PayloadGone(log, ticket.Subject);
            return Reply.Refused("the event's record is no longer in the state store; keep records longer (`dedupeFor`) than escalations may take (`escalate.deadline`)");
        }

        var baseline = book.Find(ticket.Pipeline)?.Baseline is null ? null
            : await residents.BaselineAsync(ticket.Device, ticket.Pipeline, limit.Token).ConfigureAwait(false);
        var question = JsonSerializer.SerializeToUtf8Bytes(
            new EscalationRequest
            {
                Id = ticket.Subject,
                Pipeline = ticket.Pipeline,
                Device = ticket.Device,
                From = node.AppId,
                ContentType = payload.ContentType,
                Data = payload.Data,
                Baseline = baseline,
                Answer = record.Local,
                Deadline = ticket.Deadline,
            },
            ContractJson.Default.EscalationRequest);
        tally.Of(ticket.Pipeline).Sent(question.Length);
        await link.TurnAsync(ticket.Audit, limit.Token).ConfigureAwait(false);
        var began = Stopwatch.GetTimestamp();
        Reply reply;
        using (link.Begin(ticket.Audit))
        {
            reply = await above.AskAsync(ticket.Subject, question, input.Accepted, limit.Token).ConfigureAwait(false) with { Paid = true };
        }

        if (reply.IsFailure)
        {
            reply = reply with { RetryAfter = link.Failed(reply.Why ?? "") };
        }
        else
        {
            link.Answered(question.Length, Stopwatch.GetElapsedTime(began));
        }

        if (reply.Ending is null)
        {
            Log.NotYet(log, ticket.Subject, reply.Why ?? "");
        }
        else if (reply.Ending == Endings.Refused)
        {
            Log.Refused(log, ticket.Subject, reply.Why ?? "");
        }

        return reply.Ending is null ? reply : await SettleAsync(ticket, reply, limit.Token).ConfigureAwait(false);
    }

    private async Task<Reply> SettleAsync(EscalationTicket ticket, Reply reply, CancellationToken cancellationToken)
    {
        try
        {
            await correction.ApplyAsync(ticket, reply.Ending, reply.Verdict, reply.Why, cancellationToken).ConfigureAwait(false);
            await lesson.TeachAsync(ticket, reply.Reference, cancellationToken).ConfigureAwait(false);
            return reply with { Settled = true, Verdict = null };
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The verdict is kept by the workflow, which tries again for ever.
            Log.NotSettled(log, ticket.Subject, (error.InnerException ?? error).Message);
            return reply;
        }
    }
}

/// <summary>What is asked.</summary>
internal sealed record Question(EscalationTicket Ticket, bool Accepted, bool Paid);
