using System.Collections.Concurrent;
using Grpc.Core;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Tests.Sidecar.Workflow;

/// <summary>What daprd's own source says where no recording does: families of instances, long rows of ContinueAsNew, propagated history.</summary>
public sealed class HubExactnessTests : IDisposable
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
    private readonly Database database = Database.InMemory();
    private TaskHub hub;

    public HubExactnessTests() => hub = Hub.Open(database);

    public void Dispose()
    {
        hub.Dispose();
        database.Dispose();
    }

    private static WorkflowResponse Answer(WorkflowRequest request, params WorkflowAction[] actions) => new() { InstanceId = request.InstanceId, Actions = { actions } };

    private static WorkflowAction End(OrchestrationStatus status, string? result = null) => new() { CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = status, Result = result } };

    private static WorkflowAction Child(string id, int action = 0) => new() { Id = action, CreateChildWorkflow = new CreateChildWorkflowAction { Name = "Kid", InstanceId = id } };

    private Task<string> StartAsync(string id, string name = "F") => hub.StartAndWaitAsync(new CreateInstanceRequest { InstanceId = id, Name = name }, limit);

    private async Task<WorkflowState> Finish(string id) => (await hub.WaitAsync(id, state => state is not null && StateReport.IsFinal(state.WorkflowStatus), limit))!;

    private async Task<WorkflowFault> Refused(Func<Task> call) => await Assert.ThrowsAsync<WorkflowFault>(call).WaitAsync(limit);

    // The parent starts a child and ends at once; the child waits for an event.
    private static WorkflowResponse LeavesItsChild(WorkflowRequest request)
    {
        var raised = request.NewEvents.Any(entry => entry.EventRaised is not null || entry.ExecutionTerminated is not null);
        if (request.InstanceId.StartsWith("kid", StringComparison.Ordinal)) return raised ? Answer(request, End(OrchestrationStatus.Completed)) : Answer(request);
        return Answer(request, Child("kid-" + request.InstanceId), End(OrchestrationStatus.Completed));
    }

    [Fact]
    public async Task An_id_is_not_free_while_a_child_of_its_finished_instance_runs()
    {
        new ScriptedWorker(hub, LeavesItsChild).Start();
        await StartAsync("p");
        await hub.WaitAsync("kid-p", state => state is { WorkflowStatus: OrchestrationStatus.Running }, limit);
        var fault = await Refused(() => StartAsync("p"));
        Assert.Equal("failed to create workflow instance: rpc error: code = AlreadyExists desc = cannot recreate workflow with ID 'p': child workflow 'kid-p': orchestration has not yet completed", fault.Message);

        Assert.Equal("failed to purge workflow state: failed to purge child workflow: orchestration has not yet completed", (await Refused(() => hub.PurgeAsync("p", true, false, limit))).Message);
        await hub.RaiseAsync("kid-p", "end", null, limit);
        await Finish("kid-p");
        await StartAsync("p");
    }

    [Fact]
    public async Task What_is_to_be_purged_is_judged_without_a_worker_and_forced_without_one_too()
    {
        Assert.Equal("failed to purge workflow state: failed to fetch workflow state: no such instance exists", (await Refused(() => hub.PurgeAsync("nobody", true, false, limit))).Message);
        using var gone = new CancellationTokenSource();
        new ScriptedWorker(hub, LeavesItsChild).StartUntil(gone.Token);
        await StartAsync("p");
        await hub.WaitAsync("kid-p", state => state is { WorkflowStatus: OrchestrationStatus.Running }, limit);
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "later", Name = "F", ScheduledStartTimestamp = new() { Seconds = 4_000_000_000 } }, limit);
        await gone.CancelAsync();
        await Eventually.HoldsAsync(() => hub.Workers == 0, "the worker to leave");
        Assert.Equal("failed to purge workflow state: orchestration has not yet completed", (await Refused(() => hub.PurgeAsync("kid-p", true, false, limit))).Message);
        Assert.Equal("failed to purge workflow state: no such instance exists", (await Refused(() => hub.PurgeAsync("later", true, true, limit))).Message);
        Assert.Equal(1, await hub.PurgeAsync("later", false, true, limit));
        Assert.Equal(2, await hub.PurgeAsync("p", true, true, limit));
        Assert.Null(await hub.GetAsync("kid-p"));
    }

    [Fact]
    public async Task A_child_whose_id_is_taken_fails_as_its_engine_says_it()
    {
        var seen = new ConcurrentQueue<HistoryEvent>();
        new ScriptedWorker(hub, request =>
        {
            if (request.InstanceId == "taken") return Answer(request);
            foreach (var entry in request.NewEvents) seen.Enqueue(entry);
            return request.PastEvents.Count == 0 ? Answer(request, Child("taken", 3)) : Answer(request, End(OrchestrationStatus.Completed));
        }).Start();
        await StartAsync("taken");
        await StartAsync("p");
        await Finish("p");
        var failed = seen.Single(entry => entry.ChildWorkflowInstanceFailed is not null);
        Assert.Null(failed.Router);
        Assert.Equal((3, new TaskFailureDetails { ErrorType = "WorkflowInstanceAlreadyExists", ErrorMessage = "an active workflow with ID 'taken' already exists" }),
            (failed.ChildWorkflowInstanceFailed.TaskScheduledId, failed.ChildWorkflowInstanceFailed.FailureDetails));
    }

    [Fact]
    public async Task After_twenty_runs_of_continue_as_new_the_next_one_is_committed_as_begun()
    {
        var requests = new ConcurrentQueue<WorkflowRequest>();
        new ScriptedWorker(hub, request =>
        {
            requests.Enqueue(request);
            if (requests.Count > 21) return Answer(request, End(OrchestrationStatus.Completed, $"{requests.Count}"));
            var again = End(OrchestrationStatus.ContinuedAsNew, $"{requests.Count}");
            if (requests.Count == 21) again.CompleteWorkflow.CarryoverEvents.Add(new HistoryEvent { EventId = -1, Timestamp = new(), EventRaised = new EventRaisedEvent { Name = "kept" } });
            return Answer(request, again);
        }).Start();
        await StartAsync("c");
        await Finish("c");
        var turns = requests.ToArray();
        Assert.All(turns[..21], turn => Assert.Empty(turn.PastEvents));
        Assert.Equal(["WorkflowStarted", "ExecutionStarted"], turns[21].PastEvents.Select(entry => $"{entry.EventTypeCase}"));
        Assert.Equal("21", turns[21].PastEvents[1].ExecutionStarted.Input);
        Assert.Equal(["WorkflowStarted", "EventRaised"], turns[21].NewEvents.Select(entry => $"{entry.EventTypeCase}"));
    }

    [Fact]
    public async Task Propagated_history_reaches_activities_and_children_and_outlives_a_restart()
    {
        var activity = new WorkflowAction { ScheduleTask = new ScheduleTaskAction { Name = "A", HistoryPropagationScope = HistoryPropagationScope.Lineage } };
        using (var before = hub)
        {
            new ScriptedWorker(before, request =>
            {
                if (request.InstanceId == "kid") return Answer(request, activity);
                var child = Child("kid");
                child.CreateChildWorkflow.HistoryPropagationScope = HistoryPropagationScope.Lineage;
                return request.PastEvents.Count == 0 ? Answer(request, child) : Answer(request);
            }, answersActivities: false).Start();
            await StartAsync("p");
            await before.WaitAsync("kid", state => state is { WorkflowStatus: OrchestrationStatus.Running }, limit);
        }
        hub = Hub.Open(database);
        var items = new ConcurrentQueue<WorkItem>();
        new Recorder(hub, items).Start();
        await hub.RaiseAsync("kid", "look", null, limit);
        await Eventually.HoldsAsync(() => items.Any(item => item.ActivityRequest is not null) && items.Any(item => item.WorkflowRequest is not null), "the turn and the activity");
        var told = items.First(item => item.WorkflowRequest is not null).WorkflowRequest.PropagatedHistory;
        Assert.Equal(["p"], told.Chunks.Select(chunk => chunk.InstanceId));
        var line = items.First(item => item.ActivityRequest is not null).ActivityRequest.PropagatedHistory;
        Assert.Equal(["p", "kid"], line.Chunks.Select(chunk => chunk.InstanceId));
        Assert.Equal(["WorkflowStarted", "ExecutionStarted", "TaskScheduled"], line.Chunks[1].RawEvents.Select(raw => $"{HistoryEvent.Parser.ParseFrom(raw).EventTypeCase}"));
    }

    [Fact]
    public async Task Without_a_store_for_actors_there_are_no_workflows()
    {
        using var bare = new TaskHub("bare", database, new TaskHubs(), TimeProvider.System, 4 << 20, static _ => { }) { HasStore = static () => false };
        var fault = await Refused(() => bare.StartAsync(new CreateInstanceRequest { InstanceId = "x", Name = "F" }, limit));
        Assert.StartsWith("failed to create workflow instance: api error: code = Internal desc = the state store is not configured to use the actor runtime.", fault.Message, StringComparison.Ordinal);
        Assert.StartsWith("the state store is not configured", (await Refused(() => bare.RaiseAsync("x", "e", null, limit))).Message, StringComparison.Ordinal);
    }

    /// <summary>A worker that keeps what it gets and answers nothing.</summary>
    private sealed class Recorder(TaskHub hub, ConcurrentQueue<WorkItem> items) : IServerStreamWriter<WorkItem>
    {
        public WriteOptions? WriteOptions { get; set; }

        internal void Start() => _ = hub.ServeWorkerAsync(this, false, CancellationToken.None);

        public Task WriteAsync(WorkItem message)
        {
            items.Enqueue(message);
            return Task.CompletedTask;
        }

        public Task WriteAsync(WorkItem message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
