using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Tracing;
using Lepton.Sidecar.Workflow;

namespace Lepton.Sidecar.Grpc;

/// <summary>The workflow calls of the Dapr API, in both of their versions.</summary>
internal sealed partial class DaprService
{
    private WorkflowApi? workflows;

    private WorkflowApi Workflows => workflows ??= new WorkflowApi(sidecar);

    internal static void BindWorkflows(GrpcMethods<DaprService> methods)
    {
        foreach (var version in (string[])["Alpha1", "Beta1"])
        {
            methods.Unary<StartWorkflowRequest, StartWorkflowResponse>("StartWorkflow" + version, static (service, request, call) => Workflow(() => service.StartWorkflow(request, call)));
            methods.Unary<GetWorkflowRequest, GetWorkflowResponse>("GetWorkflow" + version, static (service, request, _) => Workflow(() => service.GetWorkflow(request)));
            methods.Unary<RaiseEventWorkflowRequest, Empty>("RaiseEventWorkflow" + version,
                static (service, request, call) => Workflow(() => Done(service.Workflows.RaiseAsync(request.InstanceId, request.EventName, DataOf(request.EventData), call.CancellationToken))));
            methods.Unary<TerminateWorkflowRequest, Empty>("TerminateWorkflow" + version, static (service, request, call) => Workflow(() => Done(service.Workflows.TerminateAsync(request.InstanceId, call.CancellationToken))));
            methods.Unary<PauseWorkflowRequest, Empty>("PauseWorkflow" + version, static (service, request, call) => Workflow(() => Done(service.Workflows.PauseAsync(request.InstanceId, call.CancellationToken))));
            methods.Unary<ResumeWorkflowRequest, Empty>("ResumeWorkflow" + version, static (service, request, call) => Workflow(() => Done(service.Workflows.ResumeAsync(request.InstanceId, call.CancellationToken))));
            methods.Unary<PurgeWorkflowRequest, Empty>("PurgeWorkflow" + version, static (service, request, call) => Workflow(() => Done(service.Workflows.PurgeAsync(request.InstanceId, call.CancellationToken))));
        }
    }

    private static ReadOnlyMemory<byte>? DataOf(ByteString bytes) => bytes.IsEmpty ? default(ReadOnlyMemory<byte>?) : bytes.Memory;

    private static async Task<T> Workflow<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (WorkflowApiFault fault)
        {
            throw fault.Error.ToRpc();
        }
    }

    private async Task<StartWorkflowResponse> StartWorkflow(StartWorkflowRequest request, ServerCallContext call)
    {
        var startTime = request.Options.GetValueOrDefault("dapr.workflow.start_time");
        var trace = (Trace.Of(call.RequestHeaders), call.RequestHeaders.GetValue(Trace.StateHeader) ?? "");
        return new StartWorkflowResponse { InstanceId = await Workflows.StartAsync(request.InstanceId, request.WorkflowName, request.Input.Memory, startTime, trace, call.CancellationToken).ConfigureAwait(false) };
    }

    // As with daprd, an unknown instance is no error here: only its id comes back.
    private async Task<GetWorkflowResponse> GetWorkflow(GetWorkflowRequest request)
    {
        if (await Workflows.GetAsync(request.InstanceId).ConfigureAwait(false) is not { } state) return new GetWorkflowResponse { InstanceId = request.InstanceId };
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
