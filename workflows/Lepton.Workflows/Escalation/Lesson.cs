using Lepton.Decisions.Feasibility;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Escalation;

/// <summary>Tells the gate and the device's twin how an escalation ended, from the records. Both take it once, however often they are told.</summary>
internal sealed class Lesson(PipelineBook book, RecordStore records, Residents residents)
{
    /// <summary>False when there is nothing left to tell. Throws what the sidecar could not do.</summary>
    public async Task<bool> TeachAsync(EscalationTicket ticket, string? reference, CancellationToken cancellationToken)
    {
        var first = await records.ReadAsync(ticket.Subject, cancellationToken).ConfigureAwait(false);
        var second = await records.CorrectionAsync(ticket.Subject, cancellationToken).ConfigureAwait(false);
        if (first is null || second is null)
        {
            return false;
        }

        var (key, ending) = (Revision.KeyOf(ticket.Subject), second.Reasons[0]);
        var telling = Revision.IsNews(second)
            ? residents.CorrectAsync(ticket.Device, new TwinCorrection(ticket.Pipeline, key, second.Answer?.Label, ending == ReasonNames.Corrected), cancellationToken)
            : Task.CompletedTask;
        if (book.Tier(ticket.Pipeline)?.Gate is { } gate)
        {
            var label = Revision.Label(first, second, gate.Settings.Tolerance);
            var note = new GateNote(key, ending, ticket.Audit, first.Result.Answer is not null, first.Result.Gate?.Calibration, label, reference);
            await Task.WhenAll(telling, residents.FeedBackAsync(ticket.Pipeline, note, cancellationToken)).ConfigureAwait(false);
        }

        await telling.ConfigureAwait(false);
        return true;
    }
}
