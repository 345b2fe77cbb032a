using Google.Protobuf.WellKnownTypes;
using Lepton.Sidecar.Workflow.Hub;
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
        Assert.Equal(("other", "p", "i", 7, "r"), (done.App, done.Instance, done.Child, done.Event.ChildWorkflowInstanceCompleted.TaskScheduledId, done.Event.ChildWorkflowInstanceCompleted.Result));
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

    private static HistoryEvent EventTimer(int id, string name) => new() { EventId = id, TimerCreated = new TimerCreatedEvent { FireAt = At, ExternalEvent = new TimerOriginExternalEvent { Name = name } } };

    private static HistoryEvent Raised(string name) => new() { EventId = -1, EventRaised = new EventRaisedEvent { Name = name } };

    [Fact]
    public void The_timer_of_a_wait_does_not_fire_once_its_event_came()
    {
        var open = new OpenWork();
        HistoryEvent[] history = [Raised("go"), EventTimer(0, "Go"), EventTimer(1, "go"), EventTimer(2, "other"), Raised("GO")];
        foreach (var entry in history) open.Note(entry);
        Assert.Equal([1, 2], open.DueTimers(DateTimeOffset.MaxValue).Select(timer => timer.EventId));
        open.Note(new HistoryEvent { EventId = 3, TimerCreated = new TimerCreatedEvent { FireAt = At, Name = "old" } });
        open.Note(new HistoryEvent { EventId = 4, TimerCreated = new TimerCreatedEvent { FireAt = At, Name = "old", CreateTimer = new TimerOriginCreateTimer() } });
        open.Note(Raised("Old"));
        Assert.Equal([1, 2, 4], open.DueTimers(DateTimeOffset.MaxValue).Select(timer => timer.EventId));
    }

    private static WorkflowVersion? VersionOf(TurnOutcome outcome) => outcome.Events[0].WorkflowStarted.Version;

    private static TurnOutcome ApplyAs(WorkflowVersion version, params HistoryEvent[] past)
    {
        var history = new RunHistory();
        history.AddRange(past);
        return TurnApplier.Apply(history, new Turn("i", [HistoryEvents.TurnStarted(At)]), new WorkflowResponse { InstanceId = "i", Version = version }, "app", static () => At);
    }

    [Fact]
    public void A_versions_name_is_noted_where_there_are_no_patches()
    {
        Assert.Equal(new WorkflowVersion { Name = "v2" }, VersionOf(ApplyAs(new WorkflowVersion { Name = "v2" })));
        Assert.Equal(new WorkflowVersion { Patches = { "p1" } }, VersionOf(ApplyAs(new WorkflowVersion { Name = "v2", Patches = { "p1" } })));
        var first = HistoryEvents.TurnStarted(At);
        first.WorkflowStarted.Version = new WorkflowVersion { Name = "v2" };
        var history = new RunHistory();
        history.AddRange([first, Started()]);
        Assert.Equal("v2", StateReport.Of("i", history, null).Version);
        var gone = TurnApplier.Apply(history, new Turn("i", [HistoryEvents.TurnStarted(At)]), new WorkflowResponse { Actions = { new WorkflowAction { WorkflowVersionNotAvailable = new() } } }, "app", static () => At);
        Assert.Equal("Version not available: v2", Assert.Single(gone.Events).ExecutionStalled.Description);
        history.AddRange(gone.Events);
        var again = TurnApplier.Apply(history, new Turn("i", [HistoryEvents.TurnStarted(At)]), new WorkflowResponse { Actions = { new WorkflowAction { WorkflowVersionNotAvailable = new() } } }, "app", static () => At);
        Assert.True(again.Stalled);
        Assert.Empty(again.Events);
    }

    [Fact]
    public void Events_keep_the_router_of_their_action()
    {
        var action = Child(0, "kid");
        action.Router = new TaskRouter { TargetAppID = "b", TargetAppNamespace = "n" };
        var stop = new WorkflowAction { Id = 1, TerminateWorkflow = new TerminateWorkflowAction { InstanceId = "x", Reason = "why", Recurse = true } };
        var outcome = Apply([Started()], [], action, stop);
        var router = new TaskRouter { SourceAppID = "app", TargetAppID = "b", TargetAppNamespace = "n" };
        Assert.Equal(router, outcome.Events[^1].Router);
        Assert.Equal(("b", router), (outcome.Messages[0].App, outcome.Messages[0].Event.Router));
        Assert.Equal((new TaskRouter { SourceAppID = "app" }, "why", true), (outcome.Messages[1].Event.Router, outcome.Messages[1].Event.ExecutionTerminated.Input, outcome.Messages[1].Event.ExecutionTerminated.Recurse));
        var asked = new HistoryEvent { EventId = 3, Router = router, TaskScheduled = new TaskScheduledEvent { Name = "A" } };
        Assert.Equal(router, HistoryEvents.ActivityAnswered(At, new ActivityResponse { TaskId = 3 }, asked).Router);
    }

    [Fact]
    public void A_trace_goes_to_activities_and_children_and_each_run_of_continue_as_new_begins_its_own()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var started = Started();
        started.ExecutionStarted.ParentTraceContext = new TraceContext { TraceParent = trace };
        var outcome = Apply([], [started], Task(0), Child(1));
        Assert.Equal(trace, outcome.Events[^2].TaskScheduled.ParentTraceContext.TraceParent);
        Assert.Equal(trace, outcome.Events[^1].ChildWorkflowInstanceCreated.ParentTraceContext.TraceParent);
        var child = outcome.Messages[0].Event.ExecutionStarted;
        Assert.Equal((trace, "b7ad6b7169203331"), (child.ParentTraceContext.TraceParent, child.WorkflowSpanID));

        var next = Apply([], [started], Complete(OrchestrationStatus.ContinuedAsNew)).NextRun![1].ExecutionStarted;
        Assert.NotEqual(trace, next.ParentTraceContext.TraceParent);
        Assert.Equal(next.ParentTraceContext.TraceParent.Split('-')[2], next.WorkflowSpanID);
        Assert.Null(Apply([], [Started()], Complete(OrchestrationStatus.ContinuedAsNew)).NextRun![1].ExecutionStarted.ParentTraceContext);

        Assert.Null(TraceContexts.Carried(new TraceContext { TraceParent = trace[..^1] + "0" }));
        Assert.Equal("hex encoded span-id must have length equals to 16", Assert.Throws<WorkflowFault>(() => TraceContexts.Carried(new TraceContext { TraceParent = trace.Replace("-b7", "-", StringComparison.Ordinal) })).Message);
        Assert.Equal("trace-id and span-id can only contain [0-9a-f] characters, all lowercase", Assert.Throws<WorkflowFault>(() => TraceContexts.Carried(new TraceContext { TraceParent = trace.Replace("0af7", "0AF7", StringComparison.Ordinal) })).Message);
    }

    private static string[] Kinds(PropagatedHistoryChunk chunk) => [.. chunk.RawEvents.Select(raw => HistoryEvent.Parser.ParseFrom(raw).EventTypeCase.ToString())];

    [Fact]
    public void What_an_action_asks_to_be_told_of_the_history_is_its_own_or_the_whole_line()
    {
        var own = Task(0);
        own.ScheduleTask.HistoryPropagationScope = HistoryPropagationScope.OwnHistory;
        var line = Child(1, "kid");
        line.CreateChildWorkflow.HistoryPropagationScope = HistoryPropagationScope.Lineage;
        var received = new PropagatedHistory { Scope = HistoryPropagationScope.Lineage, Chunks = { new PropagatedHistoryChunk { AppId = "other", InstanceId = "above" } } };
        var response = new WorkflowResponse { InstanceId = "i", Actions = { own, line, Task(2) } };
        var outcome = TurnApplier.Apply(new RunHistory(), new Turn("i", [HistoryEvents.TurnStarted(At), Started()]), response, "app", static () => At, received);

        var chunk = Assert.Single(outcome.Activities[0].Told!.Chunks);
        Assert.Equal((HistoryPropagationScope.OwnHistory, "app", "i", "Flow"), (outcome.Activities[0].Told!.Scope, chunk.AppId, chunk.InstanceId, chunk.WorkflowName));
        Assert.Equal(["WorkflowStarted", "ExecutionStarted", "TaskScheduled"], Kinds(chunk));
        Assert.Equal(HistoryPropagationScope.OwnHistory, outcome.Events[2].TaskScheduled.HistoryPropagationScope);
        Assert.Null(outcome.Activities[1].Told);
        Assert.False(outcome.Events[4].TaskScheduled.HasHistoryPropagationScope);

        var told = outcome.Messages[0].Told!;
        Assert.Equal(["above", "i"], told.Chunks.Select(c => c.InstanceId));
        Assert.Equal(["WorkflowStarted", "ExecutionStarted", "TaskScheduled", "ChildWorkflowInstanceCreated"], Kinds(told.Chunks[1]));

        // A run that was told of a line adds itself to it for its next run; one that was not tells nothing.
        var again = new WorkflowResponse { InstanceId = "i", Actions = { Complete(OrchestrationStatus.ContinuedAsNew) } };
        var next = TurnApplier.Apply(new RunHistory(), new Turn("i", [HistoryEvents.TurnStarted(At), Started()]), again, "app", static () => At, received);
        Assert.Equal(["above", "i"], next.NextReceived!.Chunks.Select(c => c.InstanceId));
        Assert.Null(Apply([], [Started()], Complete(OrchestrationStatus.ContinuedAsNew)).NextReceived);
    }
}
