using Dapr.Workflow;

namespace Lepton.Tests.Sidecar.Workflow;

public sealed class WorkflowApp : IAsyncLifetime
{
    private RunningApp? app;

    internal DaprWorkflowClient Client => app!.Get<DaprWorkflowClient>();

    internal Uri Http => app!.Http;

    public async ValueTask InitializeAsync() => app = await RunningApp.StartAsync(
        services => services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<Chain>();
            options.RegisterWorkflow<FanOut>();
            options.RegisterWorkflow<Listener>();
            options.RegisterWorkflow<Parent>();
            options.RegisterWorkflow<Countdown>();
            options.RegisterWorkflow<Retrying>();
            options.RegisterActivity<AddOne>();
            options.RegisterActivity<Flaky>();
        }),
        static _ => { });

    public async ValueTask DisposeAsync() => await app!.DisposeAsync();
}

/// <summary>The official worker and client, unchanged, against the engine.</summary>
public sealed class OfficialWorkerTests(WorkflowApp app) : IClassFixture<WorkflowApp>
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private async Task<WorkflowState> Finish(string id) => await app.Client.WaitForWorkflowCompletionAsync(id, true, limit);

    private async Task<WorkflowState> Run<T>(string workflow, T input) => await Finish(await app.Client.ScheduleNewWorkflowAsync(workflow, null, input));

    [Fact]
    public async Task A_chain_of_activities_hands_its_result_on()
    {
        var state = await Run(nameof(Chain), 3);
        Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
        Assert.Equal(7, state.ReadOutputAs<int>());
    }

    [Fact]
    public async Task Activities_run_side_by_side() => Assert.Equal(20 + 190, (await Run(nameof(FanOut), 20)).ReadOutputAs<int>());

    [Fact]
    public async Task Events_arrive_in_order_whether_early_or_awaited()
    {
        var id = await app.Client.ScheduleNewWorkflowAsync(nameof(Listener), null, "said");
        await app.Client.RaiseEventAsync(id, "word", "hello", limit);
        await app.Client.RaiseEventAsync(id, "word", "world", limit);
        var state = await Finish(id);
        Assert.Equal("said hello world", state.ReadOutputAs<string>());
        Assert.Equal("napping", state.ReadCustomStatusAs<string>());
    }

    [Fact]
    public async Task A_suspended_workflow_keeps_its_events_until_it_resumes()
    {
        var id = await app.Client.ScheduleNewWorkflowAsync(nameof(Listener), null, "kept");
        await app.Client.SuspendWorkflowAsync(id, "pause", limit);
        await app.Client.RaiseEventAsync(id, "word", "a", limit);
        await app.Client.RaiseEventAsync(id, "word", "b", limit);
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await app.Client.GetWorkflowStateAsync(id, true, limit))!.RuntimeStatus);
        await app.Client.ResumeWorkflowAsync(id, "go on", limit);
        Assert.Equal("kept a b", (await Finish(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_terminated_workflow_can_be_purged_and_its_id_used_again()
    {
        var id = await app.Client.ScheduleNewWorkflowAsync(nameof(Listener), null, "x");
        await app.Client.TerminateWorkflowAsync(id, "enough", limit);
        Assert.Equal(WorkflowRuntimeStatus.Terminated, (await Finish(id)).RuntimeStatus);
        Assert.True(await app.Client.PurgeInstanceAsync(id, limit));
        Assert.False((await app.Client.GetWorkflowStateAsync(id, true, limit))!.Exists);
        await app.Client.ScheduleNewWorkflowAsync(nameof(Chain), id, 1);
        Assert.Equal(5, (await Finish(id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Children_return_to_their_parent() => Assert.Equal(5 + 14, (await Run(nameof(Parent), 1)).ReadOutputAs<int>());

    [Fact]
    public async Task Continue_as_new_goes_on_beyond_the_runs_without_a_commit()
    {
        var id = await app.Client.ScheduleNewWorkflowAsync(nameof(Countdown), null, 50);
        await app.Client.RaiseEventAsync(id, "go", "there", limit);
        Assert.Equal("there", (await Finish(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Retries_end_with_success_or_with_the_details_of_the_failure()
    {
        Assert.Equal("call 3", (await Run(nameof(Retrying), 2)).ReadOutputAs<string>());
        var failed = await Run(nameof(Retrying), 9);
        Assert.Equal(WorkflowRuntimeStatus.Failed, failed.RuntimeStatus);
        Assert.Contains("failure 3", failed.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_workflow_fails_with_its_name()
    {
        var state = await Run("Nowhere", 1);
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Contains("Nowhere", state.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_http_api_starts_and_reports_a_workflow()
    {
        using var http = new HttpClient { BaseAddress = app.Http };
        using var started = await http.PostAsync("/v1.0/workflows/dapr/Chain/start?instanceID=by-http", new StringContent("5"), limit);
        Assert.Equal((202, """{"instanceID":"by-http"}"""), ((int)started.StatusCode, await started.Content.ReadAsStringAsync(limit)));
        await Finish("by-http");
        var report = await http.GetStringAsync("/v1.0/workflows/dapr/by-http", limit);
        Assert.Contains("\"runtimeStatus\":\"COMPLETED\"", report, StringComparison.Ordinal);
        Assert.Contains("\"dapr.workflow.output\":\"9\"", report, StringComparison.Ordinal);
        using var bad = await http.PostAsync("/v1.0/workflows/dapr/Chain/start?instanceID=not%20good", null, limit);
        Assert.Equal(400, (int)bad.StatusCode);
    }
}
