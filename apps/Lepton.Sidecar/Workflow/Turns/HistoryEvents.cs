using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>Makes history events with the id, timestamp and router that each kind carries.</summary>
internal static class HistoryEvents
{
    /// <summary>An event that records no action of the workflow.</summary>
    internal static HistoryEvent Plain(Timestamp at) => new() { EventId = -1, Timestamp = at };

    internal static HistoryEvent Routed(Timestamp at, string appId, int eventId = -1) =>
        new() { EventId = eventId, Timestamp = at, Router = new TaskRouter { SourceAppID = appId } };

    internal static HistoryEvent TurnStarted(Timestamp at)
    {
        var started = Plain(at);
        started.WorkflowStarted = new WorkflowStartedEvent();
        return started;
    }

    /// <summary>What an activity answered: details of a failure win over a result beside them.</summary>
    internal static HistoryEvent ActivityAnswered(Timestamp at, ActivityResponse response, HistoryEvent asked)
    {
        var scheduled = asked.TaskScheduled;
        var answer = Plain(at);
        answer.Router = asked.Router;
        if (response.FailureDetails is { } details)
        {
            answer.TaskFailed = new TaskFailedEvent { TaskScheduledId = response.TaskId, FailureDetails = details, TaskExecutionId = scheduled.TaskExecutionId };
        }
        else
        {
            answer.TaskCompleted = new TaskCompletedEvent { TaskScheduledId = response.TaskId, Result = response.Result, TaskExecutionId = scheduled.TaskExecutionId };
        }
        return answer;
    }

    /// <summary>How a child's end reaches its parent: only COMPLETED is a result, everything else counts as failed.</summary>
    internal static HistoryEvent ChildEnded(Timestamp at, string appId, ParentInstanceInfo parent, ExecutionCompletedEvent completed)
    {
        var ended = Routed(at, appId);
        ended.Router.TargetAppID = parent.HasAppID ? parent.AppID : appId;
        if (completed.WorkflowStatus == OrchestrationStatus.Completed)
            ended.ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = parent.TaskScheduledId, Result = completed.Result };
        else
            ended.ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = parent.TaskScheduledId, FailureDetails = completed.FailureDetails };
        return ended;
    }

    /// <summary>The start of a child that was refused, as its own engine tells of it.</summary>
    internal static HistoryEvent ChildRefused(Timestamp at, ParentInstanceInfo parent, TaskFailureDetails details)
    {
        var failed = Plain(at);
        failed.ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = parent.TaskScheduledId, FailureDetails = details };
        return failed;
    }

    /// <summary>The action an activity's or child's result belongs to, and the kind of event that stands for that action in the history; null for any other event.</summary>
    internal static (int Id, HistoryEvent.EventTypeOneofCase Asked)? ResultOf(HistoryEvent entry) => entry.EventTypeCase switch
    {
        HistoryEvent.EventTypeOneofCase.TaskCompleted => (entry.TaskCompleted.TaskScheduledId, HistoryEvent.EventTypeOneofCase.TaskScheduled),
        HistoryEvent.EventTypeOneofCase.TaskFailed => (entry.TaskFailed.TaskScheduledId, HistoryEvent.EventTypeOneofCase.TaskScheduled),
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted => (entry.ChildWorkflowInstanceCompleted.TaskScheduledId, HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated),
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed => (entry.ChildWorkflowInstanceFailed.TaskScheduledId, HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCreated),
        _ => null,
    };

    /// <summary>Events that answer something the run asked for; they mean nothing to the run after a ContinueAsNew.</summary>
    internal static bool AnswersAction(HistoryEvent entry) => entry.EventTypeCase is
        HistoryEvent.EventTypeOneofCase.TaskCompleted or HistoryEvent.EventTypeOneofCase.TaskFailed or HistoryEvent.EventTypeOneofCase.TimerFired or
        HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceCompleted or HistoryEvent.EventTypeOneofCase.ChildWorkflowInstanceFailed;
}
