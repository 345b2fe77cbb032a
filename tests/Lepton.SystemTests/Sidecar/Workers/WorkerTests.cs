using System.Text;
using System.Text.Json;
using Dapr.Workflow;
using Dapr.Workflow.Client;

namespace Lepton.SystemTests.Sidecar.Workers;

/// <summary>What every worker must be able to do, asked with the official client. Whatever goes wrong in a worker shows on the instance; none is left waiting.</summary>
public abstract class WorkerTests(WorkerRun run)
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private DaprWorkflowClient Client => run.Client;

    protected virtual void Require() { }

    private async Task<string> StartAsync<T>(string flow, T input)
    {
        Require();
        return await Client.ScheduleNewWorkflowAsync(flow, null, input);
    }

    private async Task<WorkflowState> FinishAsync(string id) => await Client.WaitForWorkflowCompletionAsync(id, true, limit);

    private async Task<WorkflowState> RunAsync<T>(string flow, T input) => await FinishAsync(await StartAsync(flow, input));

    protected async Task<string> FailureAsync<T>(string flow, T input)
    {
        var state = await RunAsync(flow, input);
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        // The JavaScript worker writes the details of a crash into the output.
        return state.FailureDetails is { } details ? $"{details.ErrorType}: {details.ErrorMessage}" : state.ReadOutputAs<JsonElement>().ToString();
    }

    [Fact]
    public async Task A_chain_hands_its_result_on() => Assert.Equal(7, (await RunAsync(nameof(Chain), 4)).ReadOutputAs<int>());

    [Fact]
    public async Task Activities_fan_out_and_in() => Assert.Equal(230, (await RunAsync(nameof(FanOut), 20)).ReadOutputAs<int>());

    [Fact]
    public async Task A_timer_lets_it_go_on() => Assert.Equal("rested", (await RunAsync(nameof(Nap), 50)).ReadOutputAs<string>());

    [Fact]
    public async Task An_event_in_time_is_taken_and_one_that_does_not_come_is_not_waited_for()
    {
        var id = await StartAsync(nameof(Patience), 60_000);
        await Client.RaiseEventAsync(id, "word", "hello", limit);
        Assert.Equal("hello", (await FinishAsync(id)).ReadOutputAs<string>());
        Assert.Equal("too late", (await RunAsync(nameof(Patience), 50)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Children_return_to_their_parent() => Assert.Equal(4 + 13, (await RunAsync(nameof(Parent), 1)).ReadOutputAs<int>());

    [Fact]
    public async Task Continue_as_new_carries_over_events_that_were_not_taken()
    {
        var id = await StartAsync(nameof(Rounds), new List<string>());
        await Task.WhenAll(Client.RaiseEventAsync(id, "word", "a", limit), Client.RaiseEventAsync(id, "word", "a", limit), Client.RaiseEventAsync(id, "word", "a", limit));
        Assert.Equal("a a a", (await FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Custom_status_shows_suspension_holds_and_a_finished_instance_can_be_purged()
    {
        var id = await StartAsync<string?>(nameof(Staged), "x");
        Assert.Equal("waiting", (await Client.GetWorkflowStateAsync(id, true, limit))!.ReadCustomStatusAs<string>());
        await Client.SuspendWorkflowAsync(id, "pause", limit);
        await Client.RaiseEventAsync(id, "word", "kept", limit);
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await Client.GetWorkflowStateAsync(id, true, limit))!.RuntimeStatus);
        await Client.ResumeWorkflowAsync(id, "go on", limit);
        var state = await FinishAsync(id);
        Assert.Equal("kept", state.ReadOutputAs<string>());
        Assert.True(await Client.PurgeInstanceAsync(id, limit));
        Assert.False((await Client.GetWorkflowStateAsync(id, true, limit))!.Exists);
    }

    [Fact]
    public async Task Termination_ends_it()
    {
        var id = await StartAsync(nameof(Patience), 600_000);
        await Client.TerminateWorkflowAsync(id, "enough", limit);
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await FinishAsync(id)).RuntimeStatus);
    }

    [Fact]
    public async Task Retries_end_with_success_or_with_the_last_failure()
    {
        Assert.Equal("call 3", (await RunAsync(nameof(Retrying), 2)).ReadOutputAs<string>());
        Assert.Contains("failure 3", await FailureAsync(nameof(Retrying), 9), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_one_is_listed_shows_its_history_and_can_be_done_again_from_an_event()
    {
        var id = await StartAsync(nameof(Chain), 4);
        await FinishAsync(id);
        Assert.Contains(id, (await Client.ListInstanceIdsAsync(cancellation: limit)).InstanceIds);
        var history = await Client.GetInstanceHistoryAsync(id, limit);
        // One worker counts its actions from 0, the other from 1.
        var scheduled = history.Where(entry => entry.EventType == WorkflowHistoryEventType.TaskScheduled).Select(entry => (uint)entry.EventId).ToArray();
        Assert.Equal(3, scheduled.Length);
        var again = await Client.RerunWorkflowFromEventAsync(id, scheduled[1], new RerunWorkflowFromEventOptions { OverwriteInput = true, Input = 100 }, limit);
        Assert.Equal(102, (await FinishAsync(again)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task An_unknown_activity_fails_it_by_name() => Assert.Contains("Nowhere", await FailureAsync(nameof(Lost), 1), StringComparison.Ordinal);

    [Fact]
    public async Task An_unknown_workflow_fails_by_name() => Assert.Contains("Neverland", await FailureAsync("Neverland", 1), StringComparison.Ordinal);

    [Fact]
    public async Task An_input_that_does_not_deserialize_fails_it()
    {
        Require();
        using var http = new HttpClient { BaseAddress = run.Http };
        using var started = await http.PostAsync($"/v1.0/workflows/dapr/{nameof(Rounds)}/start?instanceID={GetType().Name}-broken", new StringContent("{broken", Encoding.UTF8), limit);
        Assert.Equal(202, (int)started.StatusCode);
        Assert.Equal(WorkflowRuntimeStatus.Failed, (await FinishAsync($"{GetType().Name}-broken")).RuntimeStatus);
    }

    [Fact]
    public async Task A_cyclic_result_of_an_activity_fails_it() => Assert.Matches("cycle|circular", await FailureAsync(nameof(CyclicActivity), 1));

    [Fact]
    public async Task A_cyclic_result_of_a_workflow_fails_it() => Assert.NotEqual("", await FailureAsync(nameof(Cyclic), 1));

    [Fact]
    public async Task A_result_too_large_to_hand_on_fails_it_and_says_what_to_do()
    {
        Assert.Equal(1_000_000, (await RunAsync(nameof(Huge), 1_000_000)).ReadOutputAs<int>());
        Assert.Contains("--max-body-size", await FailureAsync(nameof(Huge), 6_000_000), StringComparison.Ordinal);
    }
}

public sealed class OfficialWorkerTests(OfficialWorkerRun run) : WorkerTests(run), IClassFixture<OfficialWorkerRun>
{
    [Fact]
    public async Task A_result_beyond_what_grpc_takes_by_default_does_not_leave_it_waiting() => Assert.Contains("--max-body-size", await FailureAsync(nameof(Huge), 70 << 20), StringComparison.Ordinal);
}

public sealed class JavaScriptWorkerTests(JavaScriptWorkerRun run) : WorkerTests(run), IClassFixture<JavaScriptWorkerRun>
{
    protected override void Require() => JavaScript.Require();

    [Fact]
    public async Task Its_own_client_sees_the_same()
    {
        Require();
        var answers = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new List<string>();
        using var client = await JavaScript.StartAsync(line =>
        {
            lock (lines) lines.Add(line);
            if (line.StartsWith("answers ", StringComparison.Ordinal)) answers.TrySetResult(JsonDocument.Parse(line[8..]).RootElement);
        }, "worker.js", "ask", $"{run.GrpcPort}");
        await client.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(40)).Token);
        Assert.True(answers.Task.IsCompleted, string.Join('\n', lines));
        var got = await answers.Task;
        Assert.Equal("7", got.GetProperty("chain").GetString());
        Assert.Equal("\"waiting\"", got.GetProperty("status").GetString());
        Assert.Equal(7, got.GetProperty("suspended").GetInt32());
        Assert.Equal("\"hello\"", got.GetProperty("staged").GetString());
        Assert.True(got.GetProperty("purged").GetBoolean());
        Assert.True(got.GetProperty("gone").GetBoolean());
        Assert.Equal(5, got.GetProperty("terminated").GetInt32());
        Assert.Contains("failure 3", got.GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.Equal(6, got.GetProperty("pending").GetInt32());
        Assert.Equal("4", got.GetProperty("later").GetString());
    }
}
