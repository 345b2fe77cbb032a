using Grpc.Core;
using Grpc.Net.Client;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Benchmarks.Runtime;

/// <summary>Worker and client of the workflow protocol without any SDK: what remains is the engine's own time.</summary>
internal sealed class RawWorkflows : IAsyncDisposable
{
    private const int Activities = 5;
    private const string Service = "TaskHubSidecarService";
    private static readonly Method<GetWorkItemsRequest, WorkItem> GetWorkItems = Of<GetWorkItemsRequest, WorkItem>("GetWorkItems", MethodType.ServerStreaming);
    private static readonly Method<ActivityResponse, CompleteTaskResponse> CompleteActivity = Of<ActivityResponse, CompleteTaskResponse>("CompleteActivityTask");
    private static readonly Method<WorkflowResponse, CompleteTaskResponse> CompleteTurn = Of<WorkflowResponse, CompleteTaskResponse>("CompleteWorkflowTask");
    private static readonly Method<CreateInstanceRequest, CreateInstanceResponse> Start = Of<CreateInstanceRequest, CreateInstanceResponse>("StartInstance");
    private static readonly Method<GetInstanceRequest, GetInstanceResponse> WaitForCompletion = Of<GetInstanceRequest, GetInstanceResponse>("WaitForInstanceCompletion");
    private static readonly Method<RaiseEventRequest, RaiseEventResponse> Raise = Of<RaiseEventRequest, RaiseEventResponse>("RaiseEvent");
    private readonly GrpcChannel work;
    // One connection with hundreds of calls at once is slower than a few.
    private readonly GrpcChannel[] calls;
    private readonly CancellationTokenSource stop = new();
    private Task reading = Task.CompletedTask;
    private int number;
    private int turn;

    private RawWorkflows(int port) => (work, calls) = (GrpcChannel.ForAddress($"http://127.0.0.1:{port}"), [.. Enumerable.Range(0, 4).Select(_ => GrpcChannel.ForAddress($"http://127.0.0.1:{port}"))]);

    private CallInvoker Calls => calls[(uint)Interlocked.Increment(ref turn) % calls.Length].CreateCallInvoker();

    /// <summary>When the timers of "timer" workflows are due.</summary>
    public DateTime TimersAt { get; set; }

    public static async Task<RawWorkflows> StartAsync(int port)
    {
        var raw = new RawWorkflows(port);
        var call = raw.work.CreateCallInvoker().AsyncServerStreamingCall(GetWorkItems, null, new CallOptions(cancellationToken: raw.stop.Token), new());
        await call.ResponseHeadersAsync;
        raw.reading = raw.ReadAsync(call);
        return raw;
    }

    /// <summary>Starts an instance and waits for its end.</summary>
    public async Task RunAsync(string name) => await EndAsync(await BeginAsync(name));

    public async Task<string> BeginAsync(string name, int size = Activities)
    {
        var id = $"{name}-{Interlocked.Increment(ref number)}";
        await Calls.AsyncUnaryCall(Start, null, default, new() { InstanceId = id, Name = name, Input = $"{size}" });
        return id;
    }

    public Task RaiseAsync(string id) => Calls.AsyncUnaryCall(Raise, null, default, new() { InstanceId = id, Name = "go", Input = "1" }).ResponseAsync;

    public async Task EndAsync(string id, int size = Activities)
    {
        var invoker = Calls;
        var end = await invoker.AsyncUnaryCall(WaitForCompletion, null, default, new() { InstanceId = id, GetInputsAndOutputs = true });
        if (end.WorkflowState.WorkflowStatus != OrchestrationStatus.Completed || end.WorkflowState.Output != $"{size}")
        {
            throw new InvalidOperationException($"instance '{id}' ended as {end.WorkflowState.WorkflowStatus} with '{end.WorkflowState.Output}'");
        }
    }

    private async Task ReadAsync(AsyncServerStreamingCall<WorkItem> call)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(stop.Token))
            {
                _ = AnswerAsync(Calls, call.ResponseStream.Current);
            }
        }
        catch (Exception fault) when (fault is RpcException or OperationCanceledException)
        {
            // The call is over.
        }
    }

    private async Task AnswerAsync(CallInvoker invoker, WorkItem item)
    {
        if (item.ActivityRequest is { } activity)
        {
            await invoker.AsyncUnaryCall(CompleteActivity, null, default, new() { InstanceId = activity.WorkflowInstance.InstanceId, TaskId = activity.TaskId, Result = activity.Input, CompletionToken = item.CompletionToken });
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

        await invoker.AsyncUnaryCall(CompleteTurn, null, default, response);
    }

    private static Method<TRequest, TResponse> Of<TRequest, TResponse>(string name, MethodType type = MethodType.Unary)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>, new() where TResponse : class, Google.Protobuf.IMessage<TResponse>, new() =>
        new(type, Service, name, GrpcMarshaller<TRequest>.Instance, GrpcMarshaller<TResponse>.Instance);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        work.Dispose();
        foreach (var channel in calls)
        {
            channel.Dispose();
        }

        stop.Dispose();
    }
}
