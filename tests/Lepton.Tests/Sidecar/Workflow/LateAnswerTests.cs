using Grpc.Core;
using Grpc.Net.Client;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using Microsoft.Extensions.Time.Testing;
using static Lepton.Tests.Sidecar.Workflow.Hub;

namespace Lepton.Tests.Sidecar.Workflow;

/// <summary>Answers of turns that come twice, late, or never.</summary>
public sealed class LateAnswerTests
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public async Task A_turn_given_out_again_holds_the_same_events_and_then_the_rest()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        using var first = new PatientWorker(hub).Start();
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "t", Name = "F" }, limit);
        await hub.CompleteTurnAsync(Answer((await first.NextAsync()).WorkflowRequest, Schedule(0), Schedule(1)));
        var one = (await first.NextAsync()).ActivityRequest;
        var two = (await first.NextAsync()).ActivityRequest;
        await hub.CompleteActivityAsync(Result(one, "1"));
        Assert.Single((await first.NextAsync()).WorkflowRequest.NewEvents, e => e.TaskCompleted is not null);
        await hub.CompleteActivityAsync(Result(two, "2"));
        await first.LeaveAsync();
        using var second = new PatientWorker(hub).Start();
        var again = (await second.NextAsync()).WorkflowRequest;
        Assert.Equal("1", again.NewEvents.Single(e => e.TaskCompleted is not null).TaskCompleted.Result);
        await hub.CompleteTurnAsync(Answer(again));
        Assert.Equal("2", (await second.NextAsync()).WorkflowRequest.NewEvents.Single(e => e.TaskCompleted is not null).TaskCompleted.Result);
    }

    [Fact]
    public async Task An_old_answer_taken_for_a_later_turn_does_not_leave_the_instance_stuck()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        using var worker = new PatientWorker(hub).Start();
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "o", Name = "F" }, limit);
        var begun = Answer((await worker.NextAsync()).WorkflowRequest, Schedule(0), Schedule(1));
        await hub.CompleteTurnAsync(begun);
        ActivityRequest[] activities = [(await worker.NextAsync()).ActivityRequest, (await worker.NextAsync()).ActivityRequest];
        await hub.CompleteActivityAsync(Result(activities[0], "1"));
        var turn = (await worker.NextAsync()).WorkflowRequest;
        // The first answer once more: its actions are in the history already, so the turn is done again.
        await hub.CompleteTurnAsync(begun);
        turn = (await worker.NextAsync()).WorkflowRequest;
        Assert.Single(turn.NewEvents, e => e.TaskCompleted is not null);
        var waits = Answer(turn);
        await hub.CompleteTurnAsync(waits);
        await hub.CompleteActivityAsync(Result(activities[1], "2"));
        turn = (await worker.NextAsync()).WorkflowRequest;
        // "Nothing to do yet" once more is taken for this turn's answer; the right one then comes for no turn.
        await hub.CompleteTurnAsync(waits);
        await hub.CompleteTurnAsync(Answer(turn, Complete()));
        turn = (await worker.NextAsync()).WorkflowRequest;
        Assert.Equal(2, turn.PastEvents.Count(e => e.TaskCompleted is not null));
        await hub.CompleteTurnAsync(Answer(turn, Complete()));
        Assert.Equal("done", (await hub.WaitAsync("o", IsOver, limit))!.Output);
    }

    [Fact]
    public async Task An_answer_of_the_run_before_a_continue_as_new_is_known_by_its_activities()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        using var worker = new PatientWorker(hub).Start();
        static WorkflowAction Once(string execution)
        {
            var action = Schedule(0);
            action.ScheduleTask.TaskExecutionId = execution;
            return action;
        }

        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "c", Name = "F" }, limit);
        var begun = Answer((await worker.NextAsync()).WorkflowRequest, Once("0123456789abcdef0123456789abcdef"));
        await hub.CompleteTurnAsync(begun);
        await hub.CompleteActivityAsync(Result((await worker.NextAsync()).ActivityRequest, "1"));
        await hub.CompleteTurnAsync(Answer((await worker.NextAsync()).WorkflowRequest, Complete(OrchestrationStatus.ContinuedAsNew)));
        // In the first turn of the next run, and in one after it is committed.
        var turn = (await worker.NextAsync()).WorkflowRequest;
        await hub.CompleteTurnAsync(begun);
        turn = (await worker.NextAsync()).WorkflowRequest;
        Assert.Empty(turn.PastEvents);
        await hub.CompleteTurnAsync(Answer(turn));
        await hub.RaiseAsync("c", "go", null, limit);
        turn = (await worker.NextAsync()).WorkflowRequest;
        await hub.CompleteTurnAsync(begun);
        turn = (await worker.NextAsync()).WorkflowRequest;
        await hub.CompleteTurnAsync(Answer(turn, Once("fedcba9876543210fedcba9876543210")));
        Assert.Equal("fedcba9876543210fedcba9876543210", (await worker.NextAsync()).ActivityRequest.TaskExecutionId);
    }

    [Fact]
    public async Task Workers_that_send_tokens_back_cannot_answer_work_that_was_given_away()
    {
        using var database = Database.InMemory();
        using var hub = Open(database);
        using var first = new PatientWorker(hub, tokens: true).Start();
        await hub.StartAsync(new CreateInstanceRequest { InstanceId = "k", Name = "F" }, limit);
        var lost = await first.NextAsync();
        await first.LeaveAsync();
        using var second = new PatientWorker(hub, tokens: true).Start();
        var mine = await second.NextAsync();
        Assert.NotEqual(lost.CompletionToken, mine.CompletionToken);
        var late = Answer(lost.WorkflowRequest, Complete(OrchestrationStatus.Failed));
        late.CompletionToken = lost.CompletionToken;
        await hub.CompleteTurnAsync(late);
        Assert.False(IsOver(await hub.GetAsync("k")));
        var right = Answer(mine.WorkflowRequest, Complete());
        right.CompletionToken = mine.CompletionToken;
        await hub.CompleteTurnAsync(right);
        Assert.Equal(OrchestrationStatus.Completed, (await hub.GetAsync("k"))!.WorkflowStatus);
    }

    [Fact]
    public async Task The_result_of_an_activity_is_taken_whichever_stream_or_run_of_the_runtime_had_sent_it()
    {
        using var database = Database.InMemory();
        WorkItem sent;
        using (var hub = Open(database))
        {
            using var worker = new PatientWorker(hub, tokens: true).Start();
            await hub.StartAsync(new CreateInstanceRequest { InstanceId = "a", Name = "F" }, limit);
            var turn = await worker.NextAsync();
            var schedules = Answer(turn.WorkflowRequest, Schedule(0));
            schedules.CompletionToken = turn.CompletionToken;
            await hub.CompleteTurnAsync(schedules);
            sent = await worker.NextAsync();
        }
        using var next = Open(database);
        using var other = new PatientWorker(next, tokens: true).Start();
        Assert.Equal("A", (await other.NextAsync()).ActivityRequest.Name);
        var late = Result(sent.ActivityRequest, "1");
        late.CompletionToken = sent.CompletionToken + "0";
        await next.CompleteActivityAsync(late);
        Assert.Empty(other.Items);
        late.CompletionToken = sent.CompletionToken;
        await next.CompleteActivityAsync(late);
        Assert.Equal("1", (await other.NextAsync()).WorkflowRequest.NewEvents.Single(e => e.TaskCompleted is not null).TaskCompleted.Result);
    }

    [Fact]
    public async Task An_old_answer_in_the_stead_of_one_that_never_comes_shows_after_a_while_also_over_a_restart()
    {
        using var database = Database.InMemory();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using (var hub = Open(database, time: time))
        {
            using var worker = new PatientWorker(hub).Start();
            await hub.StartAsync(new CreateInstanceRequest { InstanceId = "d", Name = "F" }, limit);
            var waits = Answer((await worker.NextAsync()).WorkflowRequest);
            await hub.CompleteTurnAsync(waits);
            await hub.RaiseAsync("d", "go", null, limit);
            await worker.NextAsync();
            await hub.CompleteTurnAsync(waits);
            Assert.Empty(worker.Items);
        }
        using var next = Open(database, time: time);
        using var other = new PatientWorker(next).Start();
        time.Advance(TimeSpan.FromSeconds(16));
        var turn = (await other.NextAsync()).WorkflowRequest;
        Assert.Single(turn.PastEvents, e => e.EventRaised is not null);
        await next.CompleteTurnAsync(Answer(turn));
        // Once is enough: nothing has happened since.
        time.Advance(TimeSpan.FromHours(1));
        await Task.Delay(50, limit);
        Assert.Empty(other.Items);
    }

    [Theory]
    [InlineData("dapr-sdk-dotnet/v1.18.7", true)]
    [InlineData("grpc-node-js/1.14", false)]
    public async Task Daprs_own_workers_get_tokens_and_bare_ones_none_as_from_daprd(string agent, bool tokens)
    {
        await using var run = new TestRun();
        run.Add("a", TestRun.ActorStore, withApp: false);
        await run.StartAsync();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{run.Runtime.PortsOf("a").Grpc}");
        var items = new Method<GetWorkItemsRequest, WorkItem>(MethodType.ServerStreaming, "TaskHubSidecarService", "GetWorkItems", GrpcMarshaller<GetWorkItemsRequest>.Instance, GrpcMarshaller<WorkItem>.Instance);
        using var worker = channel.CreateCallInvoker().AsyncServerStreamingCall(items, null, new CallOptions(new Metadata { { "user-agent", agent } }, cancellationToken: limit), new GetWorkItemsRequest());
        await worker.ResponseHeadersAsync;
        await run.Runtime.Sidecars["a"].Workflows.StartAsync(new CreateInstanceRequest { InstanceId = "i", Name = "F" }, limit);
        Assert.True(await worker.ResponseStream.MoveNext(limit));
        Assert.Equal(tokens, worker.ResponseStream.Current.CompletionToken.Length > 0);
    }
}
