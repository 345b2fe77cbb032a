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
    internal static WorkflowState Of(string id, RunHistory history, string? customStatus)
    {
        var started = history.Started;
        var state = new WorkflowState
        {
            InstanceId = id,
            WorkflowStatus = history.Status,
            CreatedTimestamp = started?.Timestamp ?? Never,
            LastUpdatedTimestamp = started is null ? Never : history.Events[^1].Timestamp,
            CustomStatus = customStatus,
            Version = history.Version.Length > 0 ? history.Version : null,
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
