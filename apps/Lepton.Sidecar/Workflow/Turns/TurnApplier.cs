using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Workflow.Protos;
using static Lepton.Sidecar.Workflow.Protos.WorkflowAction;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>
/// Turns a worker's answer into history and effects. Pure: history in, outcome out. The rules are those of daprd 1.18 (order of actions kept,
/// event id = action id, a second completion ignored, ContinueAsNew replaces everything).
/// </summary>
internal sealed class TurnApplier
{
    private readonly RunHistory history;
    private readonly Turn turn;
    private readonly string appId;
    private readonly Func<Timestamp> now;
    private readonly PropagatedHistory? received;
    private readonly TurnOutcome outcome = new();
    private readonly HistoryEvent? started;
    private readonly HistoryEvent? terminated;
    private ExecutionCompletedEvent? completed;

    private TurnApplier(RunHistory history, Turn turn, string appId, Func<Timestamp> now, PropagatedHistory? received)
    {
        (this.history, this.turn, this.appId, this.now, this.received) = (history, turn, appId, now, received);
        started = history.Started ?? turn.Events.FirstOrDefault(e => e.ExecutionStarted is not null);
        terminated = turn.Events.FirstOrDefault(e => e.ExecutionTerminated is not null);
    }

    /// <param name="history">What was committed before the turn.</param>
    /// <param name="turn">The turn the answer belongs to.</param>
    /// <param name="response">The worker's answer.</param>
    /// <param name="appId">The app whose engine this is.</param>
    /// <param name="now">Gives the timestamp of the next event.</param>
    /// <param name="received">What the instance's starter told it of its history.</param>
    internal static TurnOutcome Apply(RunHistory history, Turn turn, WorkflowResponse response, string appId, Func<Timestamp> now, PropagatedHistory? received = null) =>
        new TurnApplier(history, turn, appId, now, received).Apply(response);

    private TurnOutcome Apply(WorkflowResponse response)
    {
        var current = response.Version?.Patches.ToArray() ?? [];
        if (!current.Take(history.Patches.Count).SequenceEqual(history.Patches))
        {
            return Stall(StalledReason.PatchMismatch,
                $"Patch mismatch. History patches: [{string.Join(", ", history.Patches)}], current patches: [{string.Join(", ", current)}]. ");
        }
        if (response.Actions.Any(action => action.WorkflowVersionNotAvailable is not null)) return Stall(StalledReason.VersionNotAvailable, "Version not available: " + history.Version);

        outcome.CustomStatus = string.IsNullOrEmpty(response.CustomStatus) ? null : response.CustomStatus;
        RecordTurn(NewVersion(response.Version, current[history.Patches.Count..]));
        foreach (var action in response.Actions)
        {
            Perform(action);
            if (outcome.NextRun is not null) return outcome;
        }
        if (terminated is not null && completed is null) ForceTermination();
        if (terminated is { ExecutionTerminated.Recurse: true }) TerminateChildren();
        if (completed is not null) TellParent();
        return outcome;
    }

    private TurnOutcome Stall(StalledReason reason, string description)
    {
        outcome.Stalled = true;
        // One that stalls again for the same reason has nothing new to tell.
        if (history.Stalled && history.Events[^1].ExecutionStalled.Description == description) return outcome;
        var stalled = HistoryEvents.Plain(now());
        stalled.ExecutionStalled = new ExecutionStalledEvent { Reason = reason, Description = description };
        outcome.Events.Add(stalled);
        return outcome;
    }

    // Where there are patches, only those that are new are noted; the version's name is noted only where there are none.
    private static WorkflowVersion? NewVersion(WorkflowVersion? given, string[] newPatches)
    {
        if (newPatches.Length > 0) return new WorkflowVersion { Patches = { newPatches } };
        return given is { HasName: true, Patches.Count: 0 } ? new WorkflowVersion { Name = given.Name } : null;
    }

    private void RecordTurn(WorkflowVersion? version)
    {
        foreach (var entry in turn.Events)
        {
            if (entry.WorkflowStarted is null || version is null)
            {
                // The worker has seen what came too late for the run before; it is no part of this one.
                if (!turn.Continues || history.AskedFor(entry)) outcome.Events.Add(entry);
                continue;
            }
            var withVersion = entry.Clone();
            withVersion.WorkflowStarted.Version = version;
            version = null;
            outcome.Events.Add(withVersion);
        }
    }

    private void Perform(WorkflowAction action)
    {
        switch (action.WorkflowActionTypeCase)
        {
            case WorkflowActionTypeOneofCase.ScheduleTask: ScheduleTask(action); break;
            case WorkflowActionTypeOneofCase.CreateTimer: CreateTimer(action); break;
            case WorkflowActionTypeOneofCase.CreateChildWorkflow: CreateChild(action); break;
            case WorkflowActionTypeOneofCase.CreateDetachedWorkflow: CreateDetached(action); break;
            case WorkflowActionTypeOneofCase.SendEvent: SendEvent(action); break;
            case WorkflowActionTypeOneofCase.TerminateWorkflow: Terminate(action); break;
            case WorkflowActionTypeOneofCase.CompleteWorkflow: Complete(action); break;
        }
    }

    private HistoryEvent Record(WorkflowAction action)
    {
        var entry = new HistoryEvent { EventId = action.Id, Timestamp = now(), Router = RouterOf(action) };
        outcome.Events.Add(entry);
        return entry;
    }

    private TaskRouter RouterOf(WorkflowAction action)
    {
        var router = action.Router ??= new TaskRouter();
        router.SourceAppID = appId;
        return router;
    }

    private static string? TargetApp(WorkflowAction action) => action.Router is { HasTargetAppID: true, TargetAppID.Length: > 0 } router ? router.TargetAppID : null;

    private void ScheduleTask(WorkflowAction action)
    {
        var task = action.ScheduleTask;
        var entry = Record(action);
        entry.TaskScheduled = new TaskScheduledEvent
        {
            Name = task.Name,
            Version = task.Version,
            Input = task.Input,
            TaskExecutionId = task.TaskExecutionId,
            ParentTraceContext = started?.ExecutionStarted.ParentTraceContext,
        };
        if (task.HasHistoryPropagationScope) entry.TaskScheduled.HistoryPropagationScope = task.HistoryPropagationScope;
        outcome.Activities.Add(new ActivityStart(entry, TargetApp(action), Propagated(task.HistoryPropagationScope)));
    }

    // What an activity or child is told of the history so far, with its own start in it.
    private PropagatedHistory? Propagated(HistoryPropagationScope scope) =>
        scope == HistoryPropagationScope.None ? null : Lineage.Tell(scope, turn.InstanceId, appId, history.Events.Concat(outcome.Events), received);

    private void CreateTimer(WorkflowAction action)
    {
        var timer = action.CreateTimer;
        var created = new TimerCreatedEvent { FireAt = timer.FireAt };
        if (timer.HasName) created.Name = timer.Name;
        switch (timer.OriginCase)
        {
            case CreateTimerAction.OriginOneofCase.CreateTimer: created.CreateTimer = timer.CreateTimer; break;
            case CreateTimerAction.OriginOneofCase.ExternalEvent: created.ExternalEvent = timer.ExternalEvent; break;
            case CreateTimerAction.OriginOneofCase.ActivityRetry: created.ActivityRetry = timer.ActivityRetry; break;
            case CreateTimerAction.OriginOneofCase.ChildWorkflowRetry: created.ChildWorkflowRetry = timer.ChildWorkflowRetry; break;
        }
        Record(action).TimerCreated = created;
    }

    private string DefaultId(int actionId) => $"{turn.InstanceId}:{actionId:x4}";

    private void CreateChild(WorkflowAction action)
    {
        var child = action.CreateChildWorkflow;
        var id = child.InstanceId.Length > 0 ? child.InstanceId : DefaultId(action.Id);
        var created = Record(action).ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent
        {
            InstanceId = id,
            Name = child.Name,
            Version = child.Version,
            Input = child.Input,
            ParentTraceContext = started?.ExecutionStarted.ParentTraceContext,
        };
        if (child.HasHistoryPropagationScope) created.HistoryPropagationScope = child.HistoryPropagationScope;
        var parent = new ParentInstanceInfo
        {
            TaskScheduledId = action.Id,
            Name = started?.ExecutionStarted.Name,
            WorkflowInstance = new WorkflowInstance { InstanceId = turn.InstanceId, ExecutionId = started?.ExecutionStarted.WorkflowInstance?.ExecutionId },
            AppID = appId,
        };
        SendStart(action, id, child.Name, child.Input, parent, null, Propagated(child.HistoryPropagationScope));
    }

    private void CreateDetached(WorkflowAction action)
    {
        var detached = action.CreateDetachedWorkflow;
        var id = detached.InstanceId.Length > 0 ? detached.InstanceId : DefaultId(action.Id);
        Record(action).DetachedWorkflowInstanceCreated = new DetachedWorkflowInstanceCreatedEvent { InstanceId = id };
        SendStart(action, id, detached.Name, detached.Input, null, detached.ScheduledStartTimestamp);
    }

    private void SendStart(WorkflowAction action, string id, string name, string? input, ParentInstanceInfo? parent, Timestamp? startAt, PropagatedHistory? told = null)
    {
        var trace = started?.ExecutionStarted.ParentTraceContext;
        var start = new HistoryEvent { EventId = -1, Timestamp = now(), Router = RouterOf(action) };
        start.ExecutionStarted = new ExecutionStartedEvent
        {
            Name = name,
            Input = input,
            ParentInstance = parent,
            ScheduledStartTimestamp = startAt,
            ParentTraceContext = trace,
            WorkflowSpanID = TraceContexts.SpanOf(trace),
            WorkflowInstance = new WorkflowInstance { InstanceId = id, ExecutionId = Guid.NewGuid().ToString() },
        };
        outcome.Messages.Add(new WorkflowMessage(TargetApp(action) ?? appId, id, null, start, told));
    }

    // daprd has no delivery for this action and fails the turn; here it arrives at the target as eventRaised.
    private void SendEvent(WorkflowAction action)
    {
        var send = action.SendEvent;
        var target = send.Instance?.InstanceId ?? "";
        Record(action).EventSent = new EventSentEvent { InstanceId = target, Name = send.Name, Input = send.Data };
        var raised = HistoryEvents.Plain(now());
        raised.EventRaised = new EventRaisedEvent { Name = send.Name, Input = send.Data };
        outcome.Messages.Add(new WorkflowMessage(appId, target, null, raised));
    }

    private void Terminate(WorkflowAction action)
    {
        var terminate = action.TerminateWorkflow;
        var termination = Termination(terminate.Reason, terminate.Recurse);
        termination.Router = RouterOf(action);
        outcome.Messages.Add(new WorkflowMessage(appId, terminate.InstanceId, null, termination));
    }

    private HistoryEvent Termination(string? input, bool recurse)
    {
        var entry = HistoryEvents.Plain(now());
        entry.ExecutionTerminated = new ExecutionTerminatedEvent { Input = input, Recurse = recurse };
        return entry;
    }

    private void Complete(WorkflowAction action)
    {
        var complete = action.CompleteWorkflow;
        if (completed is not null) return;
        if (complete.WorkflowStatus == OrchestrationStatus.ContinuedAsNew)
        {
            if (terminated is null) ContinueAsNew(complete);
            return;
        }
        completed = new ExecutionCompletedEvent { WorkflowStatus = complete.WorkflowStatus, Result = complete.Result, FailureDetails = complete.FailureDetails };
        Record(action).ExecutionCompleted = completed;
    }

    private void ContinueAsNew(CompleteWorkflowAction complete)
    {
        var begun = HistoryEvents.Routed(now(), appId);
        begun.WorkflowStarted = new WorkflowStartedEvent();
        var old = started?.ExecutionStarted ?? new ExecutionStartedEvent();
        // Each run of one that is traced begins a trace of its own.
        var trace = old.ParentTraceContext is null ? null : TraceContexts.NewRoot();
        var start = HistoryEvents.Routed(now(), appId);
        start.ExecutionStarted = new ExecutionStartedEvent
        {
            Name = old.Name,
            Input = complete.Result,
            ParentInstance = old.ParentInstance,
            ParentTraceContext = trace,
            WorkflowSpanID = TraceContexts.SpanOf(trace),
            WorkflowInstance = new WorkflowInstance { InstanceId = turn.InstanceId, ExecutionId = Guid.NewGuid().ToString() },
        };
        outcome.NextRun = [begun, start, .. complete.CarryoverEvents];
        // Only a run that was told of a history tells the next one.
        outcome.NextReceived = Propagated(received?.Scope ?? HistoryPropagationScope.None);
    }

    private void ForceTermination()
    {
        completed = new ExecutionCompletedEvent { WorkflowStatus = OrchestrationStatus.Terminated, Result = terminated!.ExecutionTerminated.Input };
        var entry = HistoryEvents.Routed(now(), appId);
        entry.ExecutionCompleted = completed;
        outcome.Events.Add(entry);
        outcome.Activities.Clear();
        outcome.Messages.Clear();
    }

    private void TerminateChildren()
    {
        var children = new OpenWork();
        foreach (var entry in history.Events.Concat(outcome.Events)) children.Note(entry);
        foreach (var child in children.Children.Values)
        {
            var app = child.Router is { HasTargetAppID: true } router ? router.TargetAppID : appId;
            outcome.Messages.Add(new WorkflowMessage(app, child.ChildWorkflowInstanceCreated.InstanceId, null, Termination(terminated!.ExecutionTerminated.Input, recurse: true)));
        }
    }

    private void TellParent()
    {
        if (started?.ExecutionStarted.ParentInstance is not { WorkflowInstance: { } target } parent) return;
        var app = parent.HasAppID ? parent.AppID : appId;
        outcome.Messages.Add(new WorkflowMessage(app, target.InstanceId, turn.InstanceId, HistoryEvents.ChildEnded(now(), appId, parent, completed!)));
    }
}
