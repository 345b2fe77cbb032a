using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow;

/// <summary>An instance's state in the words of the HTTP and Dapr APIs.</summary>
internal static class RuntimeStatus
{
    internal static string Of(WorkflowState state) => state.WorkflowStatus switch
    {
        OrchestrationStatus.Running => "RUNNING",
        OrchestrationStatus.Completed => "COMPLETED",
        OrchestrationStatus.ContinuedAsNew => "CONTINUED_AS_NEW",
        OrchestrationStatus.Failed => "FAILED",
        OrchestrationStatus.Canceled => "CANCELED",
        OrchestrationStatus.Terminated => "TERMINATED",
        OrchestrationStatus.Pending => "PENDING",
        OrchestrationStatus.Suspended => "SUSPENDED",
        _ => "UNKNOWN",
    };

    internal static Dictionary<string, string> Properties(WorkflowState state)
    {
        var properties = new Dictionary<string, string>();
        Add("dapr.workflow.input", state.Input);
        Add("dapr.workflow.output", state.Output);
        Add("dapr.workflow.custom_status", state.CustomStatus);
        if (state.FailureDetails is { } failure)
        {
            properties["dapr.workflow.failure.error_type"] = failure.ErrorType;
            properties["dapr.workflow.failure.error_message"] = failure.ErrorMessage;
            Add("dapr.workflow.failure.stack_trace", failure.StackTrace);
        }
        return properties;

        void Add(string name, string? value)
        {
            if (value is not null) properties[name] = value;
        }
    }
}
