using System.Threading.Channels;
using Grpc.Core;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;
using static Lepton.Tests.Sidecar.Workflow.Hub;

namespace Lepton.Tests.Sidecar.Workflow;

/// <summary>A worker without a wire: answers each item by a rule.</summary>
internal sealed class ScriptedWorker(TaskHub hub, Func<WorkflowRequest, WorkflowResponse?> turn, bool answersActivities = true, bool tokens = false) : IServerStreamWriter<WorkItem>
{
    public WriteOptions? WriteOptions { get; set; }

    internal int Activities;

    internal void Start() => StartUntil(CancellationToken.None);

    internal void StartUntil(CancellationToken gone) => _ = hub.ServeWorkerAsync(this, tokens, gone);

    public Task WriteAsync(WorkItem message, CancellationToken cancellationToken) => WriteAsync(message);

    public Task WriteAsync(WorkItem message)
    {
        _ = Task.Run(async () =>
        {
            if (message.ActivityRequest is { } activity)
            {
                Interlocked.Increment(ref Activities);
                if (!answersActivities) return;
                await hub.CompleteActivityAsync(new ActivityResponse { InstanceId = activity.WorkflowInstance.InstanceId, TaskId = activity.TaskId, Result = activity.Input + "." });
            }
            else if (turn(message.WorkflowRequest) is { } response)
            {
                await hub.CompleteTurnAsync(response);
            }
        });
        return Task.CompletedTask;
    }
}

/// <summary>The engine on its own: what stays in memory, what comes back from disk, what a full disk does.</summary>
public sealed class HubTests
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private static WorkflowResponse Answer(WorkflowRequest request, params WorkflowAction[] actions) => new() { InstanceId = request.InstanceId, Actions = { actions } };

    private static WorkflowAction Complete(string? result) => new() { CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Completed, Result = result } };

    // Runs one activity on the input, then waits for an event "go" and ends with both.
    private static WorkflowResponse OneActivityThenEvent(WorkflowRequest request)
    {
        HistoryEvent[] all = [.. request.PastEvents, .. request.NewEvents];
        var input = all.First(e => e.ExecutionStarted is not null).ExecutionStarted.Input;
        if (!all.Any(e => e.TaskScheduled is not null)) return Answer(request, new WorkflowAction { ScheduleTask = new ScheduleTaskAction { Name = "A", Input = input } });
        var result = all.FirstOrDefault(e => e.TaskCompleted is not null)?.TaskCompleted.Result;
        var said = all.FirstOrDefault(e => e.EventRaised is not null)?.EventRaised.Input;
        return result is null || said is null ? Answer(request) : Answer(request, Complete(result + said));
    }

    private async Task<WorkflowState> Finish(TaskHub hub, string id) => (await hub.WaitAsync(id, state => state is not null && StateReport.IsFinal(state.WorkflowStatus), limit))!;

    [Fact]
    public async Task Thousands_that_wait_leave_memory_and_wake_by_their_event()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        new ScriptedWorker(hub, OneActivityThenEvent).Start();
        var ids = Enumerable.Range(0, 3000).Select(i => $"w{i}").ToArray();
        await Task.WhenAll(ids.Select(id => hub.StartAsync(new CreateInstanceRequest { InstanceId = id, Name = "F", Input = id }, limit)));
        foreach (var id in ids) await hub.RaiseAsync(id, "go", "!", limit);
        foreach (var id in ids) Assert.Equal(id + ".!", (await Finish(hub, id)).Output);
    }

    [Fact]
    public async Task What_was_open_goes_on_after_a_restart()
    {
        using var database = Database.InMemory();
        using (var before = Open(database))
        {
            // This worker takes turns and never answers an activity: it is dropped before.
            new ScriptedWorker(before, request => request.PastEvents.Count == 0 ? OneActivityThenEvent(request) : null, answersActivities: false).Start();
            await before.StartAndWaitAsync(new CreateInstanceRequest { InstanceId = "r", Name = "F", Input = "x" }, limit);
            await before.GetAsync("r");
        }
        using var after = Open(database);
        new ScriptedWorker(after, OneActivityThenEvent).Start();
        await after.RaiseAsync("r", "go", "!", limit);
        Assert.Equal("x.!", (await Finish(after, "r")).Output);
        Assert.Equal(1, (await after.HistoryAsync("r")).Events.Count(e => e.TaskCompleted is not null));
    }

    [Fact]
    public async Task A_turn_whose_worker_left_goes_to_the_next_one()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        var taken = Channel.CreateUnbounded<bool>();
        using var gone = new CancellationTokenSource();
        new ScriptedWorker(hub, _ =>
        {
            taken.Writer.TryWrite(true);
            return null;
        }).StartUntil(gone.Token);
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "t", Name = "F" }, limit);
        await taken.Reader.ReadAsync(limit);
        await gone.CancelAsync();
        new ScriptedWorker(hub, request => Answer(request, Complete("by the second"))).Start();
        Assert.Equal("by the second", (await Finish(hub, "t")).Output);
    }

    [Fact]
    public async Task Activities_and_children_may_run_in_another_app()
    {
        using var database = Database.InMemory();
        var hubs = new TaskHubs();
        TaskHub[] both = [new("a", database, hubs, TimeProvider.System, 4 << 20, static _ => { }), new("b", database, hubs, TimeProvider.System, 4 << 20, static _ => { })];
        foreach (var hub in both)
        {
            hubs.Add(hub);
            hub.Recover();
        }
        var there = new TaskRouter { SourceAppID = "a", TargetAppID = "b" };
        var nowhere = new TaskRouter { SourceAppID = "a", TargetAppID = "c" };
        new ScriptedWorker(both[0], request =>
        {
            HistoryEvent[] all = [.. request.PastEvents, .. request.NewEvents];
            if (request.PastEvents.Count == 0)
            {
                return Answer(request,
                    new WorkflowAction { Id = 0, Router = there, ScheduleTask = new ScheduleTaskAction { Name = "A", Input = "act" } },
                    new WorkflowAction { Id = 1, Router = there, CreateChildWorkflow = new CreateChildWorkflowAction { Name = "Kid", InstanceId = "kid" } },
                    new WorkflowAction { Id = 2, Router = nowhere, CreateChildWorkflow = new CreateChildWorkflowAction { Name = "Kid", InstanceId = "lost" } });
            }
            var task = all.FirstOrDefault(e => e.TaskCompleted is not null)?.TaskCompleted.Result;
            var kid = all.FirstOrDefault(e => e.ChildWorkflowInstanceCompleted is not null)?.ChildWorkflowInstanceCompleted.Result;
            var lost = all.FirstOrDefault(e => e.ChildWorkflowInstanceFailed is not null)?.ChildWorkflowInstanceFailed.FailureDetails.ErrorType;
            return task is null || kid is null || lost is null ? Answer(request) : Answer(request, Complete($"{task} {kid} {lost}"));
        }).Start();
        var worker = new ScriptedWorker(both[1], request => Answer(request, Complete("child of b")));
        worker.Start();
        await both[0].StartAsync(new CreateInstanceRequest { InstanceId = "p", Name = "F" }, limit);
        Assert.Equal("act. child of b UnknownApp", (await Finish(both[0], "p")).Output);
        Assert.Equal(1, worker.Activities);
        foreach (var hub in both) hub.Dispose();
    }

    [Fact]
    public async Task A_full_disk_refuses_with_its_name_and_work_goes_on_when_there_is_room()
    {
        var folder = Directory.CreateTempSubdirectory("lepton-full-");
        using (var database = Database.Open(folder.FullName))
        using (var hub = Open(database))
        {
            new ScriptedWorker(hub, OneActivityThenEvent).Start();
            await hub.StartAndWaitAsync(new CreateInstanceRequest { InstanceId = "f", Name = "F", Input = "x" }, limit);
            await database.WriteAsync(write => write.Execute("PRAGMA max_page_count = 1"));
            var fault = await Assert.ThrowsAsync<StorageException>(() => hub.StartAsync(new CreateInstanceRequest { InstanceId = "g", Name = "F", Input = new string('y', 100_000) }, limit));
            Assert.Contains("full", fault.Message, StringComparison.Ordinal);
            await database.WriteAsync(write => write.Execute("PRAGMA max_page_count = 1000000"));
            Assert.Null(await hub.GetAsync("g"));
            await hub.RaiseAsync("f", "go", "!", limit);
            Assert.Equal("x.!", (await Finish(hub, "f")).Output);
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_too_large_to_hand_on_fails_with_a_clear_text()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        new ScriptedWorker(hub, request => Answer(request, Complete(new string('z', 5 << 20)))).Start();
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "l", Name = "F" }, limit);
        var state = await Finish(hub, "l");
        Assert.Equal(OrchestrationStatus.Failed, state.WorkflowStatus);
        Assert.Contains("--max-body-size", state.FailureDetails.ErrorMessage, StringComparison.Ordinal);

        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "m", Name = "F", Input = new string('z', 5 << 20) }, limit);
        var stalled = await hub.WaitAsync("m", s => s is { WorkflowStatus: OrchestrationStatus.Stalled }, limit);
        Assert.NotNull(stalled);
    }
}
