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
    private readonly TurnOutcome outcome = new();
    private readonly HistoryEvent? started;
    private readonly HistoryEvent? terminated;
    private ExecutionCompletedEvent? completed;

    private TurnApplier(RunHistory history, Turn turn, string appId, Func<Timestamp> now)
    {
        (this.history, this.turn, this.appId, this.now) = (history, turn, appId, now);
        started = history.Started ?? turn.Events.FirstOrDefault(e => e.ExecutionStarted is not null);
        terminated = turn.Events.FirstOrDefault(e => e.ExecutionTerminated is not null);
    }

    /// <param name="history">What was committed before the turn.</param>
    /// <param name="turn">The turn the answer belongs to.</param>
    /// <param name="response">The worker's answer.</param>
    /// <param name="appId">The app whose engine this is.</param>
    /// <param name="now">Gives the timestamp of the next event.</param>
    internal static TurnOutcome Apply(RunHistory history, Turn turn, WorkflowResponse response, string appId, Func<Timestamp> now) =>
        new TurnApplier(history, turn, appId, now).Apply(response);

    private TurnOutcome Apply(WorkflowResponse response)
    {
        var current = response.Version?.Patches.ToArray() ?? [];
        if (!current.Take(history.Patches.Count).SequenceEqual(history.Patches))
        {
            return Stall(StalledReason.PatchMismatch,
                $"Patch mismatch. History patches: [{string.Join(", ", history.Patches)}], current patches: [{string.Join(", ", current)}]. ");
        }
        if (response.Actions.Any(action => action.WorkflowVersionNotAvailable is not null)) return Stall(StalledReason.VersionNotAvailable, "Version not available: ");

        outcome.CustomStatus = string.IsNullOrEmpty(response.CustomStatus) ? null : response.CustomStatus;
        RecordTurn(current[history.Patches.Count..]);
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
        var stalled = HistoryEvents.Plain(now());
        stalled.ExecutionStalled = new ExecutionStalledEvent { Reason = reason, Description = description };
        outcome.Events.Add(stalled);
        outcome.Stalled = true;
        return outcome;
    }

    private void RecordTurn(string[] newPatches)
    {
        foreach (var entry in turn.Events)
        {
            if (entry.WorkflowStarted is null || newPatches.Length == 0)
            {
                outcome.Events.Add(entry);
                continue;
            }
            var withPatches = entry.Clone();
            withPatches.WorkflowStarted.Version = new WorkflowVersion { Patches = { newPatches } };
            outcome.Events.Add(withPatches);
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
            case WorkflowActionTypeOneofCase.TerminateWorkflow: Terminate(action.TerminateWorkflow); break;
            case WorkflowActionTypeOneofCase.CompleteWorkflow: Complete(action); break;
        }
    }

    private HistoryEvent Record(WorkflowAction action)
    {
        var entry = HistoryEvents.Routed(now(), appId, action.Id);
        if (TargetApp(action) is { } target) entry.Router.TargetAppID = target;
        outcome.Events.Add(entry);
        return entry;
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
        outcome.Activities.Add((entry, TargetApp(action)));
    }

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
        Record(action).ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent { InstanceId = id, Name = child.Name, Version = child.Version, Input = child.Input };
        var parent = new ParentInstanceInfo
        {
            TaskScheduledId = action.Id,
            Name = started?.ExecutionStarted.Name,
            WorkflowInstance = new WorkflowInstance { InstanceId = turn.InstanceId, ExecutionId = started?.ExecutionStarted.WorkflowInstance?.ExecutionId },
            AppID = appId,
        };
        SendStart(action, id, child.Name, child.Input, parent, null);
    }

    private void CreateDetached(WorkflowAction action)
    {
        var detached = action.CreateDetachedWorkflow;
        var id = detached.InstanceId.Length > 0 ? detached.InstanceId : DefaultId(action.Id);
        Record(action).DetachedWorkflowInstanceCreated = new DetachedWorkflowInstanceCreatedEvent { InstanceId = id };
        SendStart(action, id, detached.Name, detached.Input, null, detached.ScheduledStartTimestamp);
    }

    private void SendStart(WorkflowAction action, string id, string name, string? input, ParentInstanceInfo? parent, Timestamp? startAt)
    {
        var start = HistoryEvents.Routed(now(), appId);
        start.ExecutionStarted = new ExecutionStartedEvent
        {
            Name = name,
            Input = input,
            ParentInstance = parent,
            ScheduledStartTimestamp = startAt,
            ParentTraceContext = started?.ExecutionStarted.ParentTraceContext,
            WorkflowInstance = new WorkflowInstance { InstanceId = id, ExecutionId = Guid.NewGuid().ToString() },
        };
        outcome.Messages.Add(new WorkflowMessage(TargetApp(action) ?? appId, id, null, start));
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

    private void Terminate(TerminateWorkflowAction terminate) =>
        outcome.Messages.Add(new WorkflowMessage(appId, terminate.InstanceId, null, Termination(terminate.Reason, terminate.Recurse)));

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
        var start = HistoryEvents.Routed(now(), appId);
        start.ExecutionStarted = new ExecutionStartedEvent
        {
            Name = old.Name,
            Input = complete.Result,
            ParentInstance = old.ParentInstance,
            ParentTraceContext = old.ParentTraceContext,
            WorkflowSpanID = old.WorkflowSpanID,
            WorkflowInstance = new WorkflowInstance { InstanceId = turn.InstanceId, ExecutionId = Guid.NewGuid().ToString() },
        };
        outcome.NextRun = [begun, start, .. complete.CarryoverEvents];
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
        outcome.Messages.Add(new WorkflowMessage(app, target.InstanceId, target.ExecutionId, HistoryEvents.ChildEnded(now(), appId, parent, completed!)));
    }
}
