using Dapr.Workflow;
using Lepton.Decisions;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Records;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Escalation;

/// <summary>Tells the gate and the device's twin how an escalation ended, from the records. Both take it once, however often they are told.</summary>
internal sealed class FeedBackActivity(RecordStore records, Residents residents) : WorkflowActivity<EscalationTicket, bool>
{
    public const string Name = "FeedBack";

    public override async Task<bool> RunAsync(WorkflowActivityContext context, EscalationTicket input)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var first = await records.ReadAsync(input.Subject, limit.Token).ConfigureAwait(false);
        var second = await records.CorrectionAsync(input.Subject, limit.Token).ConfigureAwait(false);
        if (first is null || second is null)
        {
            return false;
        }

        var key = Revision.KeyOf(input.Subject);
        var ending = second.Reasons[0] switch
        {
            Reason.Confirmed => Ending.Agreed,
            Reason.Corrected => Ending.Disagreed,
            Reason.Expired => Ending.Expired,
            _ => Ending.Refused,
        };
        await residents.FeedBackAsync(input.Pipeline, new GateNote(key, ending, first.Result.Answer is not null), limit.Token).ConfigureAwait(false);
        await residents.CorrectAsync(input.Device, new TwinCorrection(input.Pipeline, key, second.Answer?.Label, ending == Ending.Disagreed), limit.Token).ConfigureAwait(false);
        return true;
    }
}
