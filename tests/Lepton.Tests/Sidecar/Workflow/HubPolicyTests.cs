using System.Collections.Concurrent;
using Grpc.Core;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;
using Microsoft.Extensions.Time.Testing;
using static Lepton.Tests.Sidecar.Workflow.Hub;

namespace Lepton.Tests.Sidecar.Workflow;

/// <summary>What a Configuration says of workflows, and what a refusing disk and confused workers do.</summary>
public sealed class HubPolicyTests
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
    private readonly List<string> lines = [];

    private void Log(string line)
    {
        lock (lines) lines.Add(line);
    }

    [Fact]
    public async Task Finished_instances_are_deleted_when_the_policy_says_so_also_after_a_restart()
    {
        using var database = Database.InMemory();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var settings = new WorkflowSettings { Retention = new Retention { AnyTerminal = TimeSpan.FromHours(1), Failed = TimeSpan.FromHours(5) } };
        using (var hub = Open(database, settings, time))
        {
            new ScriptedWorker(hub, request => request.InstanceId == "open" ? Answer(request) : Answer(request, Complete(request.InstanceId == "bad" ? OrchestrationStatus.Failed : OrchestrationStatus.Completed))).Start();
            foreach (var id in (string[])["good", "bad", "open"]) await hub.StartAndWaitAsync(new CreateInstanceRequest { InstanceId = id, Name = "F" }, limit);
            await hub.WaitAsync("bad", IsOver, limit);
            await hub.WaitAsync("good", IsOver, limit);
            time.Advance(TimeSpan.FromMinutes(59));
            Assert.Equal(3, hub.List(new ListInstanceIDsRequest()).InstanceIds.Count);
            time.Advance(TimeSpan.FromMinutes(2));
            await Eventually.HoldsAsync(() => hub.List(new ListInstanceIDsRequest()).InstanceIds is ["bad", "open"], "only the completed one is gone");
        }
        time.Advance(TimeSpan.FromHours(6));
        using var again = Open(database, settings, time);
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => again.List(new ListInstanceIDsRequest()).InstanceIds is ["open"], "the failed one is gone too, the open one stays");
    }

    [Fact]
    public async Task No_more_work_is_with_workers_than_the_configuration_allows()
    {
        using var database = Database.InMemory();
        using var hub = Open(database, new WorkflowSettings { MaxTurns = 2, MaxActivities = 3 });
        using var worker = new PatientWorker(hub).Start();
        for (var i = 0; i < 4; i++) await hub.StartAsync(new CreateInstanceRequest { InstanceId = $"i{i}", Name = "F" }, limit);
        var first = await worker.NextAsync();
        var second = await worker.NextAsync();
        Assert.Empty(worker.Items);
        await hub.CompleteTurnAsync(Answer(first.WorkflowRequest, [.. Enumerable.Range(0, 5).Select(i => Schedule(i))]));
        WorkItem[] next = [await worker.NextAsync(), await worker.NextAsync(), await worker.NextAsync(), await worker.NextAsync()];
        Assert.Equal(3, next.Count(item => item.ActivityRequest is not null));
        Assert.Empty(worker.Items);
        var activity = next.First(item => item.ActivityRequest is not null).ActivityRequest;
        await hub.CompleteTurnAsync(Answer(second.WorkflowRequest));
        Assert.NotNull((await worker.NextAsync()).WorkflowRequest);
        // Its worker leaves: all it had, and what waits, goes to the next one within the limits.
        await worker.LeaveAsync();
        using var other = new PatientWorker(hub).Start();
        await Eventually.HoldsAsync(() => other.Items.Count == 5, "two turns and three activities for the second worker");
        await hub.CompleteActivityAsync(Result(activity, "r"));
        await Eventually.HoldsAsync(() => other.Items.Count == 6, "an answer makes room for one more");
    }

    [Fact]
    public async Task A_worker_that_does_not_read_keeps_two_items_at_most_and_the_others_get_the_rest()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        using var gone = new CancellationTokenSource();
        var deaf = hub.ServeWorkerAsync(new DeafStream(), sendTokens: false, gone.Token);
        for (var i = 0; i < 10; i++) await hub.StartAsync(new CreateInstanceRequest { InstanceId = $"i{i}", Name = "F" }, limit);
        using var worker = new PatientWorker(hub).Start();
        await Eventually.HoldsAsync(() => worker.Items.Count >= 8, "the rest goes to who reads");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deaf);
        await Eventually.HoldsAsync(() => worker.Items.Count == 10, "and what the other had, when it left");
    }

    private sealed class DeafStream : IServerStreamWriter<WorkItem>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(WorkItem message) => Task.Delay(Timeout.Infinite);

        public Task WriteAsync(WorkItem message, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }

    [Fact]
    public async Task A_limit_by_name_holds_back_only_that_activity()
    {
        using var database = Database.InMemory();
        using var hub = Open(database, new WorkflowSettings { MaxActivities = 3, ActivityLimits = new Dictionary<string, int> { ["Slow"] = 1 } });
        using var worker = new PatientWorker(hub).Start();
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "n", Name = "F" }, limit);
        await hub.CompleteTurnAsync(Answer((await worker.NextAsync()).WorkflowRequest, Schedule(0, "Slow"), Schedule(1, "Slow"), Schedule(2), Schedule(3), Schedule(4)));
        ActivityRequest[] first = [(await worker.NextAsync()).ActivityRequest, (await worker.NextAsync()).ActivityRequest, (await worker.NextAsync()).ActivityRequest];
        Assert.Equal([0, 2, 3], first.Select(activity => activity.TaskId).Order());
        Assert.Empty(worker.Items);
        // The end of the slow one makes two moves: one more in all, and the next slow one comes after it.
        await hub.CompleteActivityAsync(Result(first.First(activity => activity.TaskId == 0), "r"));
        Assert.Equal(4, (await NextActivityAsync(worker)).TaskId);
        await hub.CompleteActivityAsync(Result(first.First(activity => activity.TaskId == 2), "r"));
        Assert.Equal(1, (await NextActivityAsync(worker)).TaskId);
    }

    private static async Task<ActivityRequest> NextActivityAsync(PatientWorker worker)
    {
        for (var item = await worker.NextAsync(); ; item = await worker.NextAsync())
        {
            if (item.ActivityRequest is { } activity) return activity;
        }
    }

    [Fact]
    public async Task While_the_disk_refuses_a_result_its_activity_does_not_run_again()
    {
        using var database = Database.InMemory();
        using var hub = Open(database, log: Log);
        using var worker = new PatientWorker(hub).Start();
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "f", Name = "F" }, limit);
        await hub.CompleteTurnAsync(Answer((await worker.NextAsync()).WorkflowRequest, Schedule(0)));
        var activity = (await worker.NextAsync()).ActivityRequest;
        await database.WriteAsync(write => write.Execute("CREATE TRIGGER refuse BEFORE INSERT ON workflow_inbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"));
        var answered = hub.CompleteActivityAsync(Result(activity, new string('r', 100_000)));
        await Eventually.HoldsAsync(() => { lock (lines) return lines.Any(line => line.Contains("full", StringComparison.Ordinal)); }, "a line that says the disk is full");
        // The instance is read again from disk meanwhile; its activity is done, only not stored.
        await Task.Delay(2500, limit);
        Assert.False(answered.IsCompleted);
        Assert.All(worker.Items, item => Assert.Null(item.ActivityRequest));
        lock (lines) Assert.Single(lines);
        await database.WriteAsync(write => write.Execute("DROP TRIGGER refuse"));
        await answered.WaitAsync(limit);
        // Turns of before that nobody could store may be among them; the last one counts.
        for (var turn = await worker.NextAsync(); (await hub.GetAsync("f"))!.WorkflowStatus != OrchestrationStatus.Completed; turn = worker.Items.TryDequeue(out var next) ? next : turn)
        {
            Assert.Null(turn.ActivityRequest);
            await hub.CompleteTurnAsync(Answer(turn.WorkflowRequest, Complete()));
        }
        Assert.Equal(100_000, (await hub.HistoryAsync("f")).Events.Single(e => e.TaskCompleted is not null).TaskCompleted.Result.Length);
        Assert.Equal(OrchestrationStatus.Completed, (await hub.GetAsync("f"))!.WorkflowStatus);
    }

    [Fact]
    public async Task Instances_whose_activities_end_while_the_disk_is_full_end_when_there_is_room_each_activity_done_once()
    {
        var folder = Directory.CreateTempSubdirectory("lepton-full-");
        using (var database = Database.Open(folder.FullName))
        using (var hub = Open(database, log: Log))
        {
            using var worker = new PatientWorker(hub).Start();
            var ids = Enumerable.Range(0, 20).Select(i => $"f{i}").ToArray();
            await Task.WhenAll(ids.Select(id => hub.StartAsync(new CreateInstanceRequest { InstanceId = id, Name = "F" }, limit)));
            foreach (var _ in ids) await hub.CompleteTurnAsync(Answer((await worker.NextAsync()).WorkflowRequest, Schedule(0)));
            var activities = new List<ActivityRequest>();
            foreach (var _ in ids) activities.Add((await worker.NextAsync()).ActivityRequest);
            await database.WriteAsync(write => write.Execute("PRAGMA max_page_count = 1"));
            var answered = activities.Select(activity => hub.CompleteActivityAsync(Result(activity, new string('r', 20_000)))).ToArray();
            await Eventually.HoldsAsync(() => { lock (lines) return lines.Count > 0; }, "a line that says the disk is full");
            // The worker leaves meanwhile: what it did is done.
            await worker.LeaveAsync();
            await Task.Delay(1500, limit);
            await database.WriteAsync(write => write.Execute("PRAGMA max_page_count = 1000000"));
            var next = new ScriptedWorker(hub, request => Answer(request, Complete()));
            next.Start();
            await Task.WhenAll(answered).WaitAsync(limit);
            foreach (var id in ids) Assert.Equal("done", (await hub.WaitAsync(id, IsOver, limit))!.Output);
            foreach (var id in ids) Assert.Equal(20_000, (await hub.HistoryAsync(id)).Events.Single(e => e.TaskCompleted is not null).TaskCompleted.Result.Length);
            Assert.Equal(0, next.Activities + worker.Items.Count(item => item.ActivityRequest is not null));
        }
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_worker_of_a_newer_version_that_leaves_in_mid_turn_stalls_it_until_one_of_that_version_comes()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        WorkflowResponse Newer(WorkflowRequest request, params WorkflowAction[] actions)
        {
            var answer = Answer(request, actions);
            answer.Version = new WorkflowVersion { Patches = { "faster" } };
            return answer;
        }

        using var newer = new PatientWorker(hub).Start();
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "v", Name = "F" }, limit);
        await hub.CompleteTurnAsync(Newer((await newer.NextAsync()).WorkflowRequest, Schedule(0)));
        await hub.CompleteActivityAsync(Result((await newer.NextAsync()).ActivityRequest, "1"));
        await newer.NextAsync();
        await newer.LeaveAsync();
        using var older = new PatientWorker(hub).Start();
        await hub.CompleteTurnAsync(Answer((await older.NextAsync()).WorkflowRequest));
        Assert.Equal(OrchestrationStatus.Stalled, (await hub.GetAsync("v"))!.WorkflowStatus);
        Assert.Contains("faster", (await hub.HistoryAsync("v")).Events[^1].ExecutionStalled.Description, StringComparison.Ordinal);
        await older.LeaveAsync();
        using var back = new PatientWorker(hub).Start();
        await hub.CompleteTurnAsync(Newer((await back.NextAsync()).WorkflowRequest, Complete()));
        Assert.Equal(OrchestrationStatus.Completed, (await hub.GetAsync("v"))!.WorkflowStatus);
    }
}
