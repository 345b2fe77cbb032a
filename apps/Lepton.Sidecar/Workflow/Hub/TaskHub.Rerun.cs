using Grpc.Core;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Doing a finished instance again from one of its events, under a new id.</summary>
internal sealed partial class TaskHub
{
    internal async Task<string> RerunAsync(RerunWorkflowFromEventRequest given, CancellationToken cancellationToken)
    {
        if (!HasStore()) throw WorkflowFault.NoStore();
        var request = given.Clone();
        if (request.SourceInstanceID.Length == 0) throw new WorkflowFault(StatusCode.InvalidArgument, "rerun workflow source instance ID is required");
        if (!request.HasNewInstanceID) request.NewInstanceID = Guid.NewGuid().ToString();
        if (request.NewInstanceID == request.SourceInstanceID) throw new WorkflowFault(StatusCode.InvalidArgument, "rerun workflow instance ID must be different from the original instance ID");
        await queue.WorkerAsync(cancellationToken).ConfigureAwait(false);
        var (history, received) = With(request.SourceInstanceID, source => (Rerunnable(source, request), source.Received));
        await ChangeAsync(request.NewInstanceID, instance => StartFrom(instance, history, received), cancellationToken).ConfigureAwait(false);
        return request.NewInstanceID;
    }

    private List<HistoryEvent> Rerunnable(LiveInstance source, RerunWorkflowFromEventRequest request)
    {
        if (!source.Exists) throw new WorkflowFault(StatusCode.NotFound, $"workflow instance does not exist with ID '{source.Id}'");
        if (source.Blocked) throw WorkflowFault.Stalled(source.Id);
        if (!source.Finished) throw new WorkflowFault(StatusCode.InvalidArgument, $"'{source.Id}' is not in a terminal state");
        if (source.History.Started?.ExecutionStarted.ParentInstance is not null) throw new WorkflowFault(StatusCode.InvalidArgument, $"'{source.Id}': cannot rerun from child-workflows");
        return Rerun.Build(source.History.Events, request, clock.Next);
    }

    private Task StartFrom(LiveInstance instance, List<HistoryEvent> events, PropagatedHistory? received)
    {
        if (instance.Exists) throw new WorkflowFault(StatusCode.AlreadyExists, $"workflow '{instance.Id}' has already been created");
        instance.Reset(WorkflowStore.NewKey(), received);
        instance.History.AddRange(events);
        foreach (var entry in events) instance.Open.Note(entry);
        var outcome = new TurnOutcome();
        outcome.Activities.AddRange(instance.Open.Tasks.Values.Select(task => StartOf(instance, task)));
        var messages = instance.Open.Children.Values.Select(child => new WorkflowStore.StoredMessage(WorkflowStore.NewKey(), ChildStart(instance, child))).ToList();
        var (row, seq, bytes) = (instance.ToRow(), instance.NextHistory++, Record(instance, events));
        var written = Persist(instance, write =>
        {
            store.Create(write, row.Key, row.Id, row.Wake, received);
            WorkflowStore.AddHistory(write, row.Key, seq, bytes);
            WorkflowStore.Update(write, row);
            foreach (var message in messages) store.AddMessage(write, message);
        });
        return ActAsync(Finish(instance, written, outcome, messages));
    }

    private WorkflowMessage ChildStart(LiveInstance parent, HistoryEvent created)
    {
        var child = created.ChildWorkflowInstanceCreated;
        var start = HistoryEvents.Plain(clock.Next());
        start.Router = created.Router;
        start.ExecutionStarted = new ExecutionStartedEvent
        {
            Name = child.Name,
            Input = child.Input,
            ParentTraceContext = child.ParentTraceContext,
            WorkflowSpanID = TraceContexts.SpanOf(child.ParentTraceContext),
            WorkflowInstance = new WorkflowInstance { InstanceId = child.InstanceId, ExecutionId = Guid.NewGuid().ToString() },
            ParentInstance = new ParentInstanceInfo
            {
                TaskScheduledId = created.EventId,
                Name = parent.History.Started?.ExecutionStarted.Name,
                AppID = AppId,
                WorkflowInstance = new WorkflowInstance { InstanceId = parent.Id },
            },
        };
        var scope = child.HistoryPropagationScope;
        var told = scope == HistoryPropagationScope.None ? null : Lineage.Tell(scope, parent.Id, AppId, parent.History.Events, parent.Received);
        return new WorkflowMessage(created.Router is { HasTargetAppID: true, TargetAppID.Length: > 0 } router ? router.TargetAppID : AppId, child.InstanceId, null, start, told);
    }
}
