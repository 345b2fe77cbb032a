using System.Text;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Tests.Sidecar.Workflow;

/// <summary>The HTTP API of workflows, answer by answer.</summary>
public sealed class WorkflowApiTests
{
    private readonly CancellationToken limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    private static async Task<TestRun> StartAsync(string resources)
    {
        var run = new TestRun();
        run.Add("a", resources, withApp: false);
        await run.StartAsync();
        return run;
    }

    private async Task<(int Status, string Body)> AskAsync(TestRun run, string verb, string path, string body = "")
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), $"http://127.0.0.1:{run.Runtime.PortsOf("a").Http}/v1.0/workflows/dapr/{path}") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        using var answer = await run.Http.SendAsync(request, limit);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(limit));
    }

    private static string Error(string code, string message) => $$"""{"errorCode":"{{code}}","message":"{{message}}"}""";

    // Ends on the event "end", with what came with it.
    private static WorkflowResponse EndsOnEvent(WorkflowRequest request)
    {
        var response = new WorkflowResponse { InstanceId = request.InstanceId };
        if (request.NewEvents.FirstOrDefault(entry => entry.EventRaised is { Name: "end" }) is { } raised)
            response.Actions.Add(new WorkflowAction { CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = OrchestrationStatus.Completed, Result = raised.EventRaised.Input } });
        return response;
    }

    [Fact]
    public async Task An_instance_is_started_told_things_and_purged()
    {
        await using var run = await StartAsync(TestRun.ActorStore);
        var hub = run.Runtime.Sidecars["a"].Workflows;
        new ScriptedWorker(hub, EndsOnEvent).Start();
        Assert.Equal((202, """{"instanceID":"i"}"""), await AskAsync(run, "POST", "F/start?instanceID=i"));
        await hub.WaitAsync("i", state => state is { WorkflowStatus: OrchestrationStatus.Running }, limit);
        // No body is an empty input, and not none.
        Assert.Contains(""","properties":{"dapr.workflow.input":""}}""", (await AskAsync(run, "GET", "i")).Body, StringComparison.Ordinal);
        foreach (var order in (string[])["pause", "resume", "raiseEvent/x"]) Assert.Equal((202, "{}"), await AskAsync(run, "POST", "i/" + order));
        Assert.Equal((202, "{}"), await AskAsync(run, "POST", "i/raiseEvent/end", "\"over\""));
        await hub.WaitAsync("i", state => state is { WorkflowStatus: OrchestrationStatus.Completed }, limit);
        var history = (await hub.HistoryAsync("i")).Events;
        Assert.Null(history.Single(entry => entry.ExecutionSuspended is not null).ExecutionSuspended.Input);
        Assert.Equal("", history.First(entry => entry.EventRaised is not null).EventRaised.Input);
        Assert.Contains("""
            "dapr.workflow.output":"\"over\""
            """.Trim(), (await AskAsync(run, "GET", "i")).Body, StringComparison.Ordinal);
        Assert.Equal((202, "{}"), await AskAsync(run, "POST", "i/terminate"));
        Assert.Equal((202, "{}"), await AskAsync(run, "POST", "i/purge", "{}"));
        Assert.Equal((404, Error("ERR_INSTANCE_ID_NOT_FOUND", "unable to find workflow with the provided instance ID: i")), await AskAsync(run, "GET", "i"));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_daprds_words()
    {
        await using var run = await StartAsync(TestRun.ActorStore);
        var hub = run.Runtime.Sidecars["a"].Workflows;
        new ScriptedWorker(hub, EndsOnEvent).Start();
        Assert.Equal(400, (await AskAsync(run, "POST", "F/start?instanceID=a.b")).Status);
        Assert.Equal((400, Error("ERR_INSTANCE_ID_TOO_LONG", "workflow instance ID exceeds the max length of 64 characters")), await AskAsync(run, "POST", "F/start?instanceID=" + new string('x', 65)));
        Assert.Equal(400, (await AskAsync(run, "POST", "i/pause", "[1]")).Status);
        Assert.Equal((400, Error("ERR_BODY_READ", "failed to read request body: stream too large")), await AskAsync(run, "POST", "F/start?instanceID=big", new string('x', (4 << 20) + 1)));

        await AskAsync(run, "POST", "F/start?instanceID=i");
        var (status, body) = await AskAsync(run, "POST", "F/start?instanceID=i");
        Assert.Equal((500, true), (status, body.Contains("unable to start workflow: failed to start workflow: rpc error: code = AlreadyExists desc = an active workflow with ID", StringComparison.Ordinal)));
        // daprd gives a text one value too many, which shows.
        Assert.Contains("ID: nobody%!(EXTRA *fmt.wrapError=failed to submit termination request:: no such instance exists)", (await AskAsync(run, "POST", "nobody/terminate")).Body, StringComparison.Ordinal);
        var purge = await AskAsync(run, "POST", "nobody/purge");
        Assert.Equal((404, true), (purge.Status, purge.Body.Contains("ID: nobody%!(EXTRA *fmt.wrapError=failed to purge workflow state: failed to fetch workflow state: no such instance exists)", StringComparison.Ordinal)));
        Assert.Contains("error purging workflow i: failed to Purge workflow i: failed to purge workflow state: orchestration has not yet completed", (await AskAsync(run, "POST", "i/purge")).Body, StringComparison.Ordinal);
        foreach (var order in (string[])["pause", "resume", "raiseEvent/x"]) Assert.Equal(500, (await AskAsync(run, "POST", "nobody/" + order)).Status);
    }

    [Fact]
    public async Task Without_a_store_for_actors_nothing_starts()
    {
        await using var run = await StartAsync(TestRun.Memory);
        var (status, body) = await AskAsync(run, "POST", "F/start?instanceID=i");
        Assert.Equal(500, status);
        Assert.Contains("unable to start workflow: failed to start workflow: api error: code = Internal desc = the state store is not configured to use the actor runtime.", body, StringComparison.Ordinal);
        Assert.Contains("ERR_GET_WORKFLOW", (await AskAsync(run, "GET", "i")).Body, StringComparison.Ordinal);
    }
}
