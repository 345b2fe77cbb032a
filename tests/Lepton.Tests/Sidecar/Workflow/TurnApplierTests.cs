using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Tests.Sidecar.Workflow;

public sealed class TurnApplierTests
{
    private static readonly Timestamp At = new() { Seconds = 1_800_000_000 };

    private static HistoryEvent Started(ParentInstanceInfo? parent = null) => new()
    {
        EventId = -1,
        Timestamp = At,
        ExecutionStarted = new ExecutionStartedEvent { Name = "Flow", Input = "1", ParentInstance = parent, WorkflowInstance = new WorkflowInstance { InstanceId = "i", ExecutionId = "e" } },
    };

    private static HistoryEvent Terminated(bool recurse) => new() { EventId = -1, Timestamp = At, ExecutionTerminated = new ExecutionTerminatedEvent { Input = "bye", Recurse = recurse } };

    private static TurnOutcome Apply(IEnumerable<HistoryEvent> past, IEnumerable<HistoryEvent> news, params WorkflowAction[] actions)
    {
        var history = new RunHistory();
        history.AddRange(past);
        return TurnApplier.Apply(history, new Turn("i", [HistoryEvents.TurnStarted(At), .. news]), new WorkflowResponse { InstanceId = "i", Actions = { actions } }, "app", static () => At);
    }

    private static WorkflowAction Complete(OrchestrationStatus status, string? result = null) => new() { CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = status, Result = result } };

    private static WorkflowAction Task(int id) => new() { Id = id, ScheduleTask = new ScheduleTaskAction { Name = "A" } };

    private static WorkflowAction Child(int id, string instance = "") => new() { Id = id, CreateChildWorkflow = new CreateChildWorkflowAction { Name = "Kid", InstanceId = instance } };

    private static string[] Kinds(TurnOutcome outcome) => [.. outcome.Events.Select(e => $"{e.EventTypeCase}({e.EventId})")];

    [Fact]
    public void Actions_become_events_of_their_ids_in_order()
    {
        var outcome = Apply([], [Started()], Task(0), new WorkflowAction { Id = 1, CreateTimer = new CreateTimerAction { FireAt = At } }, Child(2));
        Assert.Equal(["WorkflowStarted(-1)", "ExecutionStarted(-1)", "TaskScheduled(0)", "TimerCreated(1)", "ChildWorkflowInstanceCreated(2)"], Kinds(outcome));
        Assert.Equal("i:0002", outcome.Events[^1].ChildWorkflowInstanceCreated.InstanceId);
        Assert.Single(outcome.Activities);
        Assert.Equal("i:0002", Assert.Single(outcome.Messages).Instance);
    }

    [Fact]
    public void A_second_completion_is_ignored()
    {
        var outcome = Apply([Started()], [], Complete(OrchestrationStatus.Completed, "first"), Complete(OrchestrationStatus.Failed, "second"));
        Assert.Equal("first", outcome.Events[^1].ExecutionCompleted.Result);
        Assert.Equal(2, outcome.Events.Count);
    }

    [Fact]
    public void The_end_of_a_child_is_told_to_its_parent()
    {
        var parent = new ParentInstanceInfo { TaskScheduledId = 7, AppID = "other", WorkflowInstance = new WorkflowInstance { InstanceId = "p", ExecutionId = "pe" } };
        var done = Assert.Single(Apply([], [Started(parent)], Complete(OrchestrationStatus.Completed, "r")).Messages);
        Assert.Equal(("other", "p", "pe", 7, "r"), (done.App, done.Instance, done.Execution, done.Event.ChildWorkflowInstanceCompleted.TaskScheduledId, done.Event.ChildWorkflowInstanceCompleted.Result));
        Assert.NotNull(Assert.Single(Apply([], [Started(parent)], Complete(OrchestrationStatus.Terminated)).Messages).Event.ChildWorkflowInstanceFailed);
    }

    [Fact]
    public void Continue_as_new_replaces_everything_and_keeps_the_carried_events()
    {
        var carried = new HistoryEvent { EventId = -1, Timestamp = At, EventRaised = new EventRaisedEvent { Name = "x" } };
        var again = Complete(OrchestrationStatus.ContinuedAsNew, "2");
        again.CompleteWorkflow.CarryoverEvents.Add(carried);
        var run = Apply([Started()], [], Task(0), again, Task(1)).NextRun!;
        Assert.Equal(3, run.Count);
        Assert.Equal(("Flow", "2", "i"), (run[1].ExecutionStarted.Name, run[1].ExecutionStarted.Input, run[1].ExecutionStarted.WorkflowInstance.InstanceId));
        Assert.NotEqual("e", run[1].ExecutionStarted.WorkflowInstance.ExecutionId);
        Assert.Same(carried, run[2]);
    }

    [Fact]
    public void A_worker_that_does_not_end_a_terminated_instance_is_overruled()
    {
        var outcome = Apply([Started(), new HistoryEvent { EventId = 0, ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent { InstanceId = "kid" } }], [Terminated(recurse: true)], Task(1));
        Assert.Equal(["WorkflowStarted(-1)", "ExecutionTerminated(-1)", "TaskScheduled(1)", "ExecutionCompleted(-1)"], Kinds(outcome));
        Assert.Equal((OrchestrationStatus.Terminated, "bye"), (outcome.Events[^1].ExecutionCompleted.WorkflowStatus, outcome.Events[^1].ExecutionCompleted.Result));
        Assert.Empty(outcome.Activities);
        Assert.Equal("kid", Assert.Single(outcome.Messages).Instance);
    }

    [Fact]
    public void Continue_as_new_does_not_escape_a_termination() =>
        Assert.Equal(OrchestrationStatus.Terminated, Apply([Started()], [Terminated(recurse: false)], Complete(OrchestrationStatus.ContinuedAsNew)).Events[^1].ExecutionCompleted.WorkflowStatus);

    [Fact]
    public void An_answer_without_a_patch_of_the_history_stalls()
    {
        var past = new HistoryEvent { EventId = -1, Timestamp = At, WorkflowStarted = new WorkflowStartedEvent { Version = new WorkflowVersion { Patches = { "p1" } } } };
        var outcome = Apply([past, Started()], [], Task(0));
        Assert.True(outcome.Stalled);
        Assert.Equal("Patch mismatch. History patches: [p1], current patches: []. ", Assert.Single(outcome.Events).ExecutionStalled.Description);
    }

    [Fact]
    public void An_answer_is_taken_once()
    {
        var open = new OpenWork();
        open.Note(new HistoryEvent { EventId = 3, TaskScheduled = new TaskScheduledEvent { Name = "A" } });
        var answer = new HistoryEvent { EventId = -1, TaskCompleted = new TaskCompletedEvent { TaskScheduledId = 3 } };
        Assert.True(open.Answer(answer));
        Assert.False(open.Answer(answer));
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_times_and_never_early()
    {
        var open = new OpenWork();
        foreach (var (id, seconds) in new[] { (0, 20L), (1, 10L), (2, 253_402_300_799L) })
            open.Note(new HistoryEvent { EventId = id, TimerCreated = new TimerCreatedEvent { FireAt = new Timestamp { Seconds = seconds, Nanos = 1 } } });
        Assert.Empty(open.DueTimers(DateTimeOffset.FromUnixTimeSeconds(10)));
        Assert.Equal([1, 0], open.DueTimers(DateTimeOffset.FromUnixTimeSeconds(1_000_000)).Select(timer => timer.EventId));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(10).AddTicks(1), open.NextTimer());
    }
}
