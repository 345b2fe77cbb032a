using Google.Protobuf;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Worker and client of the workflow protocol without any SDK: what remains is the engine's own time.</summary>
internal sealed class RawWorkflows : IAsyncDisposable
{
    private const int Activities = 5;
    private const string Service = "/TaskHubSidecarService/";
    // One connection with hundreds of calls at once is slower than a few.
    private readonly LeanConnection[] calls = new LeanConnection[3];
    private int number;
    private int turn;

    private LeanConnection Calls => calls[(uint)Interlocked.Increment(ref turn) % calls.Length];

    /// <summary>When the timers of "timer" workflows are due.</summary>
    public DateTime TimersAt { get; set; }

    public static async Task<RawWorkflows> StartAsync(int port)
    {
        var raw = new RawWorkflows();
        for (var i = 0; i < raw.calls.Length; i++)
        {
            raw.calls[i] = await LeanConnection.OpenAsync(port);
        }

        raw.calls[0].Subscribe<WorkItem>(Service + "GetWorkItems", new GetWorkItemsRequest(), raw.Answer);
        return raw;
    }

    /// <summary>Starts an instance and waits for its end.</summary>
    public async Task RunAsync(string name) => await EndAsync(await BeginAsync(name));

    public async Task<string> BeginAsync(string name, int size = Activities)
    {
        var id = $"{name}-{Interlocked.Increment(ref number)}";
        await Calls.CallAsync<CreateInstanceResponse>(Service + "StartInstance", new CreateInstanceRequest { InstanceId = id, Name = name, Input = $"{size}" });
        return id;
    }

    public Task RaiseAsync(string id) => Calls.CallAsync<RaiseEventResponse>(Service + "RaiseEvent", new RaiseEventRequest { InstanceId = id, Name = "go", Input = "1" });

    public async Task EndAsync(string id, int size = Activities)
    {
        var end = await Calls.CallAsync<GetInstanceResponse>(Service + "WaitForInstanceCompletion", new GetInstanceRequest { InstanceId = id, GetInputsAndOutputs = true });
        if (end.WorkflowState.WorkflowStatus != OrchestrationStatus.Completed || end.WorkflowState.Output != $"{size}")
        {
            throw new InvalidOperationException($"instance '{id}' ended as {end.WorkflowState.WorkflowStatus} with '{end.WorkflowState.Output}'");
        }
    }

    private void Answer(WorkItem item)
    {
        if (item.ActivityRequest is { } activity)
        {
            Complete("CompleteActivityTask", new ActivityResponse { InstanceId = activity.WorkflowInstance.InstanceId, TaskId = activity.TaskId, Result = activity.Input, CompletionToken = item.CompletionToken });
            return;
        }

        var turn = item.WorkflowRequest;
        int done = 0, scheduled = 0, size = 0;
        var name = "";
        foreach (var one in turn.PastEvents.Concat(turn.NewEvents))
        {
            done += one.TaskCompleted is null && one.TimerFired is null && one.EventRaised is null ? 0 : 1;
            scheduled += one.TaskScheduled is null && one.TimerCreated is null ? 0 : 1;
            if (one.ExecutionStarted is { } started)
            {
                (name, size) = (started.Name, int.Parse(started.Input));
            }
        }

        var response = new WorkflowResponse { InstanceId = turn.InstanceId, CompletionToken = item.CompletionToken };
        if (done == size)
        {
            response.Actions.Add(new WorkflowAction { Id = size, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed, Result = $"{done}" } });
        }

        // Side by side: all at once. In a chain: the next when the last is done. Waiting: nothing, the event will come.
        var upTo = name switch { "chain" => Math.Min(size, done + 1), "wait" => 0, _ => size };
        for (var id = scheduled; id < upTo; id++)
        {
            response.Actions.Add(name == "timer"
                ? new WorkflowAction { Id = id, CreateTimer = new() { FireAt = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTime(TimersAt) } }
                : new WorkflowAction { Id = id, ScheduleTask = new() { Name = "add", Input = "1" } });
        }

        Complete("CompleteWorkflowTask", response);
    }

    private void Complete(string method, IMessage answer) => _ = Calls.CallAsync<CompleteTaskResponse>(Service + method, answer);

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in calls)
        {
            await connection.DisposeAsync();
        }
    }
}
