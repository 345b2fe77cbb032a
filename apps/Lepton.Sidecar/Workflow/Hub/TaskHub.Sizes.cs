using Google.Protobuf;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>What is too large for a message: an answer of that size fails its task or instance, a history of that size stalls it. Nothing is sent for ever.</summary>
internal sealed partial class TaskHub
{
    private long MostOfTurn => maxMessage * 95 / 100;

    /// <summary>The bytes a turn would take, by daprd's count; null when they are well within the limit.</summary>
    private long? TooLargeTurn(LiveInstance instance, List<HistoryEvent> events)
    {
        var received = (instance.Next is null ? instance.Received : instance.Next.Received)?.CalculateSize() ?? 0;
        var most = MostOfTurn;
        if (received + (instance.Next is null ? instance.HistorySize : 0) + Bytes(events) <= most) return null;
        // The stored history has some bytes of its own around each event; the turn's first event is not of the inbox.
        var size = received + (instance.Next is null ? Bytes(instance.History.Events) : 0) + Bytes(events.Where(static entry => entry.WorkflowStarted is null));
        return size > most ? size : null;
    }

    private static long Bytes(IEnumerable<HistoryEvent> events) => events.Sum(static entry => (long)entry.CalculateSize());

    private void StallForSize(LiveInstance instance, long size)
    {
        instance.Next = null;
        if (instance.History.Stalled)
        {
            instance.Blocked = true;
            stalled[instance.Id] = true;
            return;
        }
        _ = ActAsync(Stall(instance, TooLarge($"Workflow payload size {size} bytes{Exceeds}")));
    }

    private string Exceeds => $" exceeds 95% of max gRPC body size {maxMessage} bytes; increase daprd --max-body-size and restart to resume";

    private TurnOutcome TooLarge(string description)
    {
        var entry = HistoryEvents.Plain(clock.Next());
        entry.ExecutionStalled = new ExecutionStalledEvent { Reason = StalledReason.PayloadSizeExceeded, Description = description };
        var outcome = new TurnOutcome { Stalled = true };
        outcome.Events.Add(entry);
        return outcome;
    }

    private TurnOutcome? TooLargeActivity(TurnOutcome outcome)
    {
        foreach (var (scheduled, _, told) in outcome.Activities)
        {
            var size = scheduled.CalculateSize();
            if (told is not null) size += CodedOutputStream.ComputeLengthSize(size) + 1 + CodedOutputStream.ComputeMessageSize(told) + 1;
            if (size > MostOfTurn) return TooLarge($"activity '{scheduled.TaskScheduled.Name}::{scheduled.EventId}' payload {size} bytes{Exceeds}: activity payload exceeds max gRPC body size");
        }
        return null;
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
