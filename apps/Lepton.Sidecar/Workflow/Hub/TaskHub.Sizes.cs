using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>What is too large for a message: an answer of that size fails its task or instance, a history of that size stalls it. Nothing is sent for ever.</summary>
internal sealed partial class TaskHub
{
    private static long SizeOf(LiveInstance instance, List<HistoryEvent> events) =>
        (instance.Next is null ? instance.HistorySize : 0) + events.Sum(static entry => (long)entry.CalculateSize());

    private void StallForSize(LiveInstance instance, long size)
    {
        instance.Next = null;
        if (instance.History.Stalled)
        {
            instance.Blocked = true;
            stalled[instance.Id] = true;
            return;
        }
        var entry = HistoryEvents.Plain(clock.Next());
        entry.ExecutionStalled = new ExecutionStalledEvent
        {
            Reason = StalledReason.PayloadSizeExceeded,
            Description = $"Workflow payload size {size} bytes exceeds 95% of max gRPC body size {maxMessage} bytes; increase --max-body-size and restart to resume",
        };
        var outcome = new TurnOutcome { Stalled = true };
        outcome.Events.Add(entry);
        _ = ActAsync(Stall(instance, outcome));
    }

    private WorkflowResponse Refusal(WorkflowResponse response, int size) => new()
    {
        InstanceId = response.InstanceId,
        Version = response.Version,
        Actions = { new WorkflowAction { CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Failed, FailureDetails = TooLarge($"The answer of a turn of workflow instance '{response.InstanceId}'", size) } } },
    };

    private TaskFailureDetails TooLarge(string what, int size) => new()
    {
        ErrorType = "PayloadTooLarge",
        ErrorMessage = $"{what} is {size} bytes; at most {maxMessage} can be handed on. Store large data elsewhere and pass a reference, or raise --max-body-size.",
        IsNonRetriable = true,
    };
}
