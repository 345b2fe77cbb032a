using Dapr.Workflow;

namespace Lepton.Tests.Docs;

public sealed record Alarm(string Patient, string Label);

public sealed class PageTheNurse : Workflow<Alarm, bool>
{
    public override async Task<bool> RunAsync(WorkflowContext context, Alarm alarm)
    {
        var round = await context.CallActivityAsync<string>("FindNurseOnDuty", alarm.Patient);
        await context.CallActivityAsync("SendPage", round);
        var answered = context.WaitForExternalEventAsync<bool>("answered");
        var tooLate = context.CreateTimer(TimeSpan.FromMinutes(2));
        return await Task.WhenAny(answered, tooLate) == answered && await answered;
    }
}
