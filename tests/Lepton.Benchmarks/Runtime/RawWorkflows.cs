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
    private readonly GrpcChannel work;
    private readonly GrpcChannel calls;
    private readonly CancellationTokenSource stop = new();
    private Task reading = Task.CompletedTask;
    private int number;

    private RawWorkflows(int port) => (work, calls) = (GrpcChannel.ForAddress($"http://127.0.0.1:{port}"), GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new() { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } }));

    public static async Task<RawWorkflows> StartAsync(int port)
    {
        var raw = new RawWorkflows(port);
        var call = raw.work.CreateCallInvoker().AsyncServerStreamingCall(GetWorkItems, null, new CallOptions(cancellationToken: raw.stop.Token), new());
        await call.ResponseHeadersAsync;
        raw.reading = raw.ReadAsync(call);
        return raw;
    }

    /// <summary>Starts an instance and waits for its end.</summary>
    public async Task RunAsync(string name)
    {
        var id = $"{name}-{Interlocked.Increment(ref number)}";
        var invoker = calls.CreateCallInvoker();
        await invoker.AsyncUnaryCall(Start, null, default, new() { InstanceId = id, Name = name, Input = "1" });
        var end = await invoker.AsyncUnaryCall(WaitForCompletion, null, default, new() { InstanceId = id, GetInputsAndOutputs = true });
        if (end.WorkflowState.WorkflowStatus != OrchestrationStatus.Completed || end.WorkflowState.Output != $"{Activities}")
        {
            throw new InvalidOperationException($"instance '{id}' ended as {end.WorkflowState.WorkflowStatus} with '{end.WorkflowState.Output}'");
        }
    }

    private async Task ReadAsync(AsyncServerStreamingCall<WorkItem> call)
    {
        var invoker = calls.CreateCallInvoker();
        try
        {
            while (await call.ResponseStream.MoveNext(stop.Token))
            {
                _ = AnswerAsync(invoker, call.ResponseStream.Current);
            }
        }
        catch (Exception fault) when (fault is RpcException or OperationCanceledException)
        {
            // The call is over.
        }
    }

    private static async Task AnswerAsync(CallInvoker invoker, WorkItem item)
    {
        if (item.ActivityRequest is { } activity)
        {
            await invoker.AsyncUnaryCall(CompleteActivity, null, default, new() { InstanceId = activity.WorkflowInstance.InstanceId, TaskId = activity.TaskId, Result = activity.Input, CompletionToken = item.CompletionToken });
            return;
        }

        var turn = item.WorkflowRequest;
        int done = 0, scheduled = 0;
        var fan = false;
        foreach (var one in turn.PastEvents.Concat(turn.NewEvents))
        {
            done += one.TaskCompleted is null ? 0 : 1;
            scheduled += one.TaskScheduled is null ? 0 : 1;
            fan |= one.ExecutionStarted?.Name == "fan";
        }

        var response = new WorkflowResponse { InstanceId = turn.InstanceId, CompletionToken = item.CompletionToken };
        if (done == Activities)
        {
            response.Actions.Add(new WorkflowAction { Id = Activities, CompleteWorkflow = new() { WorkflowStatus = OrchestrationStatus.Completed, Result = $"{done}" } });
        }

        // Side by side: all at once. In a chain: the next when the last is done.
        for (var id = scheduled; id < (fan ? Activities : Math.Min(Activities, done + 1)); id++)
        {
            response.Actions.Add(new WorkflowAction { Id = id, ScheduleTask = new() { Name = "add", Input = "1" } });
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
        calls.Dispose();
        stop.Dispose();
    }
}
