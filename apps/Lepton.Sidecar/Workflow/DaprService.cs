using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Timing;
using Lepton.Sidecar.Workflow;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Grpc;

/// <summary>The workflow calls of the Dapr API, in both of their versions.</summary>
internal sealed partial class DaprService
{
    internal static void BindWorkflows(GrpcMethods<DaprService> methods)
    {
        foreach (var version in (string[])["Alpha1", "Beta1"])
        {
            methods.Unary<StartWorkflowRequest, StartWorkflowResponse>("StartWorkflow" + version, static (service, request, call) => Workflow(() => service.StartWorkflow(request, call)));
            methods.Unary<GetWorkflowRequest, GetWorkflowResponse>("GetWorkflow" + version, static (service, request, _) => Workflow(() => service.GetWorkflow(request)));
            methods.Unary<RaiseEventWorkflowRequest, Empty>("RaiseEventWorkflow" + version,
                static (service, request, call) => Workflow(() => Done(service.Hub.RaiseAsync(request.InstanceId, request.EventName, TextOf(request.EventData), call.CancellationToken))));
            methods.Unary<TerminateWorkflowRequest, Empty>("TerminateWorkflow" + version,
                static (service, request, call) => Workflow(() => Done(service.Hub.TerminateAsync(request.InstanceId, null, recursive: true, call.CancellationToken))));
            methods.Unary<PauseWorkflowRequest, Empty>("PauseWorkflow" + version, static (service, request, call) => Workflow(() => Done(service.Hub.SuspendAsync(request.InstanceId, null, call.CancellationToken))));
            methods.Unary<ResumeWorkflowRequest, Empty>("ResumeWorkflow" + version, static (service, request, call) => Workflow(() => Done(service.Hub.ResumeAsync(request.InstanceId, null, call.CancellationToken))));
            methods.Unary<PurgeWorkflowRequest, Empty>("PurgeWorkflow" + version,
                static (service, request, call) => Workflow(() => Done(service.Hub.PurgeAsync(request.InstanceId, recursive: true, force: false, call.CancellationToken))));
        }
    }

    private TaskHub Hub => sidecar.Workflows;

    private static string? TextOf(ByteString bytes) => bytes.IsEmpty ? null : bytes.ToStringUtf8();

    private static Task<T> Workflow<T>(Func<Task<T>> work) => Answer(async () =>
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (WorkflowFault fault)
        {
            throw new RpcException(new Status(fault.Code, fault.Message));
        }
    });

    private async Task<StartWorkflowResponse> StartWorkflow(StartWorkflowRequest request, ServerCallContext call)
    {
        var id = request.InstanceId.Length > 0 ? request.InstanceId : Guid.NewGuid().ToString();
        if (InstanceId.Fault(id) is { } fault) throw new WorkflowFault(StatusCode.InvalidArgument, fault.Message);
        var create = new CreateInstanceRequest { InstanceId = id, Name = request.WorkflowName, Input = TextOf(request.Input) };
        if (request.Options.TryGetValue("dapr.workflow.start_time", out var text))
        {
            if (!Durations.TryTime(text, out var start)) throw new WorkflowFault(StatusCode.InvalidArgument, $"option 'dapr.workflow.start_time' is no RFC 3339 time: '{text}'");
            create.ScheduledStartTimestamp = Timestamp.FromDateTimeOffset(start);
        }
        return new StartWorkflowResponse { InstanceId = await Hub.StartAsync(create, call.CancellationToken).ConfigureAwait(false) };
    }

    private async Task<GetWorkflowResponse> GetWorkflow(GetWorkflowRequest request)
    {
        var state = await Hub.GetAsync(request.InstanceId).ConfigureAwait(false)
            ?? throw new WorkflowFault(StatusCode.NotFound, $"unable to find workflow with the provided instance ID: {request.InstanceId}");
        return new GetWorkflowResponse
        {
            InstanceId = request.InstanceId,
            WorkflowName = state.Name,
            CreatedAt = state.CreatedTimestamp,
            LastUpdatedAt = state.LastUpdatedTimestamp,
            RuntimeStatus = RuntimeStatus.Of(state),
            Properties = { RuntimeStatus.Properties(state) },
        };
    }
}
