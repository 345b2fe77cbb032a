using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using static Lepton.Sidecar.Workflow.Protos.HistoryEvent;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>
/// The history of an instance that does another one again from an event on: what was finished before the event is copied, each action beside its answer;
/// what was still open, and the event itself, are asked for anew. As with daprd so is every timer before it, also one that has fired.
/// </summary>
internal sealed class Rerun
{
    private readonly Dictionary<(EventTypeOneofCase, int), HistoryEvent> open = [];
    private readonly List<HistoryEvent> history = [];
    private readonly RerunWorkflowFromEventRequest request;
    private readonly Func<Timestamp> now;

    private Rerun(RerunWorkflowFromEventRequest request, Func<Timestamp> now) => (this.request, this.now) = (request, now);

    /// <exception cref="WorkflowFault">There is no such event, or it cannot be done again.</exception>
    internal static List<HistoryEvent> Build(IEnumerable<HistoryEvent> source, RerunWorkflowFromEventRequest request, Func<Timestamp> now)
    {
        var rerun = new Rerun(request, now);
        foreach (var entry in source)
        {
            if (entry.EventId == rerun.Target) return rerun.End(entry.Clone());
            rerun.Copy(entry.Clone());
        }
        throw new WorkflowFault(StatusCode.NotFound, $"does not have history event with ID '{rerun.Target}'");
    }

    private int Target => unchecked((int)request.EventID);

    private void Copy(HistoryEvent entry)
    {
        switch (entry.EventTypeCase)
        {
            case EventTypeOneofCase.TaskScheduled or EventTypeOneofCase.TimerCreated or EventTypeOneofCase.ChildWorkflowInstanceCreated:
                open[(entry.EventTypeCase, entry.EventId)] = entry;
                return;
            case EventTypeOneofCase.TaskCompleted: CopyAsked(EventTypeOneofCase.TaskScheduled, entry.TaskCompleted.TaskScheduledId); break;
            case EventTypeOneofCase.TaskFailed: CopyAsked(EventTypeOneofCase.TaskScheduled, entry.TaskFailed.TaskScheduledId); break;
            case EventTypeOneofCase.ChildWorkflowInstanceCompleted: CopyAsked(EventTypeOneofCase.ChildWorkflowInstanceCreated, entry.ChildWorkflowInstanceCompleted.TaskScheduledId); break;
            case EventTypeOneofCase.ChildWorkflowInstanceFailed: CopyAsked(EventTypeOneofCase.ChildWorkflowInstanceCreated, entry.ChildWorkflowInstanceFailed.TaskScheduledId); break;
        }
        history.Add(entry);
    }

    private void CopyAsked(EventTypeOneofCase kind, int id)
    {
        if (open.Remove((kind, id), out var asked)) history.Add(asked);
    }

    private List<HistoryEvent> End(HistoryEvent target)
    {
        Mark(target);
        foreach (var entry in open.Values.OrderBy(static entry => entry.EventTypeCase == EventTypeOneofCase.TimerCreated ? 1 : entry.EventTypeCase == EventTypeOneofCase.TaskScheduled ? 0 : 2).Append(target))
        {
            entry.Timestamp = now();
            if (entry.ChildWorkflowInstanceCreated is { } child && (entry != target || !request.HasNewChildWorkflowInstanceID)) child.InstanceId = $"{request.NewInstanceID}:{entry.EventId:x4}";
            history.Add(entry);
        }
        return history;
    }

    private void Mark(HistoryEvent target)
    {
        var parent = new RerunParentInstanceInfo { InstanceID = request.SourceInstanceID };
        switch (target.EventTypeCase)
        {
            case EventTypeOneofCase.TaskScheduled:
                if (request.HasNewChildWorkflowInstanceID) throw Invalid($"cannot set new child workflow instance ID on activity event '{Target}'");
                target.TaskScheduled.RerunParentInstanceInfo = parent;
                if (request.OverwriteInput) target.TaskScheduled.Input = request.Input;
                break;
            case EventTypeOneofCase.TimerCreated:
                if (request.OverwriteInput) throw Invalid($"cannot write input to timer event '{Target}'");
                if (request.HasNewChildWorkflowInstanceID) throw Invalid($"cannot set new child workflow instance ID on timer event '{Target}'");
                target.TimerCreated.RerunParentInstanceInfo = parent;
                break;
            case EventTypeOneofCase.ChildWorkflowInstanceCreated:
                target.ChildWorkflowInstanceCreated.RerunParentInstanceInfo = parent;
                if (request.HasNewChildWorkflowInstanceID) target.ChildWorkflowInstanceCreated.InstanceId = request.NewChildWorkflowInstanceID;
                if (request.OverwriteInput) target.ChildWorkflowInstanceCreated.Input = request.Input;
                break;
            default:
                throw new WorkflowFault(StatusCode.NotFound, $"target event '*protos.HistoryEvent_{target.EventTypeCase}' with ID '{Target}' is not an event that can be rerun");
        }
    }

    private static WorkflowFault Invalid(string message) => new(StatusCode.InvalidArgument, message);
}
