using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>What a client may know of an instance, from its committed history.</summary>
internal static class StateReport
{
    private static readonly Timestamp Never = new() { Seconds = -62_135_596_800 };

    /// <param name="id">The instance.</param>
    /// <param name="history">Its committed history.</param>
    /// <param name="customStatus">Its custom status.</param>
    /// <param name="continued">The start of a run that continues as new and has no committed turn yet.</param>
    internal static WorkflowState Of(string id, RunHistory history, string? customStatus, HistoryEvent? continued)
    {
        var started = history.Started ?? continued;
        var state = new WorkflowState
        {
            InstanceId = id,
            WorkflowStatus = history.Started is null && continued is not null && !history.Stalled ? OrchestrationStatus.Running : history.Status,
            CreatedTimestamp = started?.Timestamp ?? Never,
            LastUpdatedTimestamp = started is null ? Never : history.Events.Count == 0 ? started.Timestamp : history.Events[^1].Timestamp,
            CustomStatus = customStatus,
        };
        if (history.Events.Count > 0) state.StartedAt = history.Events[0].Timestamp;
        if (started?.ExecutionStarted is { } start)
        {
            state.Name = start.Name;
            state.Input = start.Input;
            state.ParentInstanceId = start.ParentInstance?.WorkflowInstance?.InstanceId;
            state.ParentAppId = start.ParentInstance is { HasAppID: true } parent ? parent.AppID : null;
        }
        if (history.Completed is { } completed)
        {
            state.Output = completed.Result;
            state.FailureDetails = completed.FailureDetails;
        }
        return state;
    }

    /// <summary>The parts a call asked for: inputs and outputs on request, the parent only from the calls that wait.</summary>
    internal static WorkflowState Part(WorkflowState whole, bool inputsAndOutputs, bool parent)
    {
        var part = whole.Clone();
        if (!parent) (part.ParentInstanceId, part.ParentAppId) = (null, null);
        if (!inputsAndOutputs) (part.Input, part.Output, part.CustomStatus, part.FailureDetails) = (null, null, null, null);
        return part;
    }

    internal static bool IsFinal(OrchestrationStatus status) => status is
        OrchestrationStatus.Completed or OrchestrationStatus.Failed or OrchestrationStatus.Terminated or OrchestrationStatus.Canceled;
}
