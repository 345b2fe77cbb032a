using Dapr.Workflow;
using Lepton.Decisions.Feasibility;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Escalation;

/// <summary>Tells the gate and the device's twin how an escalation ended, from the records. Both take it once, however often they are told.</summary>
internal sealed class FeedBackActivity(PipelineBook book, RecordStore records, Residents residents) : WorkflowActivity<Ended, bool>
{
    public const string Name = "FeedBack";

    public override async Task<bool> RunAsync(WorkflowActivityContext context, Ended input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var ticket = input.Ticket;
        var first = await records.ReadAsync(ticket.Subject, limit.Token).ConfigureAwait(false);
        var second = await records.CorrectionAsync(ticket.Subject, limit.Token).ConfigureAwait(false);
        if (first is null || second is null)
        {
            return false;
        }

        var (key, ending) = (Revision.KeyOf(ticket.Subject), second.Reasons[0]);
        if (book.Tier(ticket.Pipeline)?.Gate is { } gate)
        {
            var label = Revision.Label(first, second, gate.Settings.Tolerance);
            var note = new GateNote(key, ending, ticket.Audit, first.Result.Answer is not null, first.Result.Gate?.Calibration, label, input.Reference);
            await residents.FeedBackAsync(ticket.Pipeline, note, limit.Token).ConfigureAwait(false);
        }

        if (Revision.IsNews(second))
        {
            await residents.CorrectAsync(ticket.Device, new TwinCorrection(ticket.Pipeline, key, second.Answer?.Label, ending == ReasonNames.Corrected), limit.Token).ConfigureAwait(false);
        }

        return true;
    }
}

/// <summary>An escalation or audit that ended, and the model that gave its verdict.</summary>
internal sealed record Ended(EscalationTicket Ticket, string? Reference);
