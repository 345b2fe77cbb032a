using Grpc.Core;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>A workflow call that cannot be done, with the status and text daprd gives.</summary>
internal sealed class WorkflowFault(StatusCode code, string message) : Exception(message)
{
    internal StatusCode Code => code;

    internal static WorkflowFault NoSuchInstance() => new(StatusCode.Unknown, "no such instance exists");

    internal static WorkflowFault Stalled(string id) => new(StatusCode.Unknown, $"failed to invoke method for workflow '{id}': actor is stalled");

    internal static WorkflowFault AlreadyActive(string id) =>
        new(StatusCode.AlreadyExists, $"failed to create workflow instance: rpc error: code = AlreadyExists desc = an active workflow with ID '{id}' already exists");
}
