using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Lepton.Sidecar.Grpc;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Tracing;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow;

/// <summary>The service that workflow workers and clients speak; its name has no package on the wire.</summary>
internal sealed class TaskHubService(VirtualSidecar sidecar)
{
    internal const string Name = "TaskHubSidecarService";

    private readonly TaskHub hub = sidecar.Workflows;

    internal static void Bind(GrpcMethods<TaskHubService> methods)
    {
        methods.Unary<Empty, Empty>("Hello", static (_, _, _) => Task.FromResult(new Empty()));
        methods.ServerStream<GetWorkItemsRequest, WorkItem>("GetWorkItems", static (service, request, stream, call) => service.GetWorkItems(request, stream, call));
        methods.Unary<ActivityResponse, CompleteTaskResponse>("CompleteActivityTask", static (service, answer, _) => Done<CompleteTaskResponse>(service.hub.CompleteActivityAsync(answer)));
        methods.Unary<WorkflowResponse, CompleteTaskResponse>("CompleteWorkflowTask", static (service, answer, _) => Done<CompleteTaskResponse>(service.hub.CompleteTurnAsync(answer)));
        // The former name, which most SDKs still call.
        methods.Unary<WorkflowResponse, CompleteTaskResponse>("CompleteOrchestratorTask", static (service, answer, _) => Done<CompleteTaskResponse>(service.hub.CompleteTurnAsync(answer)));
        BindClient(methods);
    }

    private static void BindClient(GrpcMethods<TaskHubService> methods)
    {
        methods.Unary<CreateInstanceRequest, CreateInstanceResponse>("StartInstance", static (service, request, call) => service.Start(request, call));
        methods.Unary<GetInstanceRequest, GetInstanceResponse>("GetInstance", static (service, request, _) => service.Get(request));
        methods.Unary<GetInstanceRequest, GetInstanceResponse>("WaitForInstanceStart",
            static (service, request, call) => service.Wait(request, static state => state is { WorkflowStatus: not OrchestrationStatus.Pending }, call));
        methods.Unary<GetInstanceRequest, GetInstanceResponse>("WaitForInstanceCompletion",
            static (service, request, call) => service.Wait(request, static state => state is not null && StateReport.IsFinal(state.WorkflowStatus), call));
        methods.Unary<RaiseEventRequest, RaiseEventResponse>("RaiseEvent",
            static (service, request, call) => Done<RaiseEventResponse>(service.hub.RaiseAsync(request.InstanceId, request.Name, request.Input, call.CancellationToken)));
        methods.Unary<TerminateRequest, TerminateResponse>("TerminateInstance",
            static (service, request, call) => Done<TerminateResponse>(service.Terminate(request, call)));
        methods.Unary<SuspendRequest, SuspendResponse>("SuspendInstance",
            static (service, request, call) => Done<SuspendResponse>(service.hub.SuspendAndWaitAsync(request.InstanceId, request.Reason, call.CancellationToken)));
        methods.Unary<ResumeRequest, ResumeResponse>("ResumeInstance",
            static (service, request, call) => Done<ResumeResponse>(service.hub.ResumeAndWaitAsync(request.InstanceId, request.Reason, call.CancellationToken)));
        methods.Unary<PurgeInstancesRequest, PurgeInstancesResponse>("PurgeInstances", static (service, request, call) => service.Purge(request, call));
        methods.Unary<RerunWorkflowFromEventRequest, RerunWorkflowFromEventResponse>("RerunWorkflowFromEvent", static (service, request, call) => Answer(async () =>
            new RerunWorkflowFromEventResponse { NewInstanceID = await service.hub.RerunAsync(request, call.CancellationToken).ConfigureAwait(false) }));
        methods.Unary<ListInstanceIDsRequest, ListInstanceIDsResponse>("ListInstanceIDs", static (service, request, _) => Answer(() => Task.FromResult(service.hub.List(request))));
        methods.Unary<GetInstanceHistoryRequest, GetInstanceHistoryResponse>("GetInstanceHistory", static (service, request, _) => Answer(() => service.hub.HistoryAsync(request.InstanceId)));
    }

    private async Task GetWorkItems(GetWorkItemsRequest request, IServerStreamWriter<WorkItem> stream, ServerCallContext call)
    {
        try
        {
            // The worker waits for the headers before it counts as connected.
            await call.WriteResponseHeadersAsync([]).ConfigureAwait(false);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, sidecar.Stopping);
            await hub.ServeWorkerAsync(stream, SendsTokensBack(request, call), end.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OperationCanceledException or TimeoutException or IOException or InvalidOperationException)
        {
            // The worker went away or stopped reading; its work is back in the queue.
            throw new RpcException(new Status(StatusCode.Unavailable, sidecar.Stopping.IsCancellationRequested ? "the sidecar is stopping" : "the worker stopped reading its work items"));
        }
    }

    // daprd 1.18 sends no completion tokens, and who speaks the bare protocol gets none here either. Dapr's SDKs send back what they are given and name themselves;
    // workers that declare a capability are newer than daprd 1.18.
    private static bool SendsTokensBack(GetWorkItemsRequest request, ServerCallContext call) =>
        request.Capabilities.Count > 0 || call.RequestHeaders.GetValue("user-agent")?.Contains("dapr-sdk-", StringComparison.Ordinal) == true;

    private Task<CreateInstanceResponse> Start(CreateInstanceRequest request, ServerCallContext call) => Answer(async () =>
    {
        var headers = call.RequestHeaders;
        request.ParentTraceContext ??= TraceContexts.Of(Trace.Of(headers), headers.GetValue(Trace.StateHeader) ?? "", sidecar.Resources.Configuration.SamplingRate);
        return new CreateInstanceResponse { InstanceId = await hub.StartAndWaitAsync(request, call.CancellationToken).ConfigureAwait(false) };
    });

    private async Task Terminate(TerminateRequest request, ServerCallContext call)
    {
        try
        {
            await hub.TerminateAndWaitAsync(request.InstanceId, request.Output, request.Recursive, call.CancellationToken).ConfigureAwait(false);
        }
        catch (WorkflowFault fault)
        {
            throw new WorkflowFault(fault.Code, "failed to submit termination request: " + fault.Inside);
        }
    }

    private Task<GetInstanceResponse> Get(GetInstanceRequest request) => Answer(async () =>
        Report(await hub.GetAsync(request.InstanceId).ConfigureAwait(false), request, parent: false));

    private Task<GetInstanceResponse> Wait(GetInstanceRequest request, Func<WorkflowState?, bool> wanted, ServerCallContext call) => Answer(async () =>
        Report(await hub.WatchAsync(request.InstanceId, wanted, call.CancellationToken).ConfigureAwait(false), request, parent: true));

    private static GetInstanceResponse Report(WorkflowState? state, GetInstanceRequest request, bool parent) => state is null
        ? new GetInstanceResponse()
        : new GetInstanceResponse { Exists = true, WorkflowState = StateReport.Part(state, request.GetInputsAndOutputs, parent) };

    private Task<PurgeInstancesResponse> Purge(PurgeInstancesRequest request, ServerCallContext call) => Answer(async () =>
    {
        if (request.PurgeInstanceFilter is not null) throw new WorkflowFault(StatusCode.Unknown, "multi-instance purge is not unimplemented");
        var deleted = await hub.PurgeAsync(request.InstanceId, request.Recursive, request.Force, call.CancellationToken).ConfigureAwait(false);
        return new PurgeInstancesResponse { DeletedInstanceCount = deleted };
    });

    private static Task<T> Done<T>(Task work) where T : IMessage<T>, new() => Answer(async () =>
    {
        await work.ConfigureAwait(false);
        return new T();
    });

    private static async Task<T> Answer<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (WorkflowFault fault)
        {
            throw new RpcException(new Status(fault.Code, fault.Message));
        }
        catch (StorageException fault)
        {
            throw new RpcException(new Status(StatusCode.Internal, fault.Message));
        }
    }
}

internal sealed class TaskHubBinder(Inside inside) : IServiceMethodProvider<TaskHubService>
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TaskHubService> context) => TaskHubService.Bind(new GrpcMethods<TaskHubService>(context, TaskHubService.Name, inside));
}
