using Grpc.Core;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>A workflow call that cannot be done, with the status and text daprd gives.</summary>
internal sealed class WorkflowFault(StatusCode code, string message) : Exception(message)
{
    internal StatusCode Code => code;

    /// <summary>How it reads inside another text.</summary>
    internal string Inside { get; init; } = message;

    /// <summary>Workflows are kept with the actors; an app without a place for those has none.</summary>
    internal static WorkflowFault NoStore(string prefix = "")
    {
        const string text = "the state store is not configured to use the actor runtime. Have you set the - name: actorStateStore value: \"true\" in your state store component file?";
        var inside = prefix + "api error: code = Internal desc = " + text;
        return new WorkflowFault(StatusCode.Internal, prefix.Length > 0 ? inside : text) { Inside = inside };
    }

    internal static WorkflowFault NoSuchInstance() => new(StatusCode.Unknown, "no such instance exists");

    internal static WorkflowFault Stalled(string id, string called = "method") => new(StatusCode.Unknown, $"failed to invoke {called} for workflow '{id}': actor is stalled");

    internal static WorkflowFault NotCreated(WorkflowFault cause) => new(cause.Code, "failed to create workflow instance: " + cause.Message);

    /// <summary>The id of a finished instance is not free while children of it run.</summary>
    internal static WorkflowFault Reused(string id, string running) =>
        new(StatusCode.AlreadyExists, $"failed to create workflow instance: rpc error: code = AlreadyExists desc = {CannotRecreate(id, running)}");

    internal static string CannotRecreate(string id, string running) => $"cannot recreate workflow with ID '{id}': {running}";

    internal static WorkflowFault AlreadyActive(string id) =>
        new(StatusCode.AlreadyExists, $"failed to create workflow instance: rpc error: code = AlreadyExists desc = an active workflow with ID '{id}' already exists");
}
