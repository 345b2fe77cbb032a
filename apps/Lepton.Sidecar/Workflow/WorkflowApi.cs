using System.Text;
using System.Text.Unicode;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow;

/// <summary>
/// The workflow calls of the Dapr API, the same over HTTP and gRPC. Unlike those of the worker protocol they check the instance id,
/// and return as soon as what they ask for is on disk.
/// </summary>
internal sealed class WorkflowApi(VirtualSidecar sidecar)
{
    private readonly TaskHub hub = sidecar.Workflows;

    private const int LongestId = 64;

    // Inputs are texts: bytes that are none cannot be stored.
    private const string NoText = "string field contains invalid UTF-8";

    /// <returns>The instance's id.</returns>
    internal async Task<string> StartAsync(string id, string name, ReadOnlyMemory<byte> input, string? startTime, (string Parent, string State) trace, CancellationToken cancellationToken)
    {
        if (id.Length == 0) id = Guid.NewGuid().ToString();
        CheckId(id);
        if (name.Length == 0) throw Fault(400, "ERR_WORKFLOW_NAME_MISSING", "workflow name is not configured", StatusCode.InvalidArgument);
        var request = new CreateInstanceRequest { InstanceId = id, Name = name, ParentTraceContext = TraceContexts.Of(trace.Parent, trace.State, sidecar.Resources.Configuration.SamplingRate) };
        if (startTime is not null)
        {
            if (!Durations.TryTime(startTime, out var at)) throw Start(name, "start times must be in RFC3339 format (e.g. \"2009-11-10T23:00:00Z\")");
            request.ScheduledStartTimestamp = Timestamp.FromDateTimeOffset(at);
        }
        if (!Utf8.IsValid(input.Span)) throw Start(name, "unable to start workflow: failed to start workflow: failed to marshal CreateWorkflowInstanceRequest: " + NoText);
        request.Input = Encoding.UTF8.GetString(input.Span);
        await GuardAsync(hub.StartAsync(request, cancellationToken),
            cause => Start(name, "unable to start workflow: " + cause.Replace("failed to create workflow instance:", "failed to start workflow:", StringComparison.Ordinal))).ConfigureAwait(false);
        return id;
    }

    internal async Task<WorkflowState?> GetAsync(string id)
    {
        CheckGiven(id);
        var state = hub.GetAsync(id);
        await GuardAsync(state, cause => Failed("ERR_GET_WORKFLOW", $"error while getting workflow info on instance '{id}': failed to get workflow metadata for '{id}': failed to fetch workflow metadata: {cause}")).ConfigureAwait(false);
        return await state.ConfigureAwait(false);
    }

    internal Task RaiseAsync(string id, string name, ReadOnlyMemory<byte>? input, CancellationToken cancellationToken)
    {
        CheckGiven(id);
        if (name.Length == 0) throw Fault(400, "ERR_WORKFLOW_EVENT_NAME_MISSING", "missing workflow event name", StatusCode.InvalidArgument);
        if (input is { } bytes && !Utf8.IsValid(bytes.Span)) throw Refused(NoText);
        return GuardAsync(hub.RaiseAsync(id, name, input is { } text ? Encoding.UTF8.GetString(text.Span) : null, cancellationToken), Refused);

        WorkflowApiFault Refused(string cause) => Failed("ERR_RAISE_EVENT_WORKFLOW", $"error raising event on workflow '{id}': failed to raise event {name} on workflow {id}: failed to raise event: {cause}");
    }

    internal Task PauseAsync(string id, CancellationToken cancellationToken)
    {
        CheckGiven(id);
        return GuardAsync(hub.SuspendAsync(id, "", cancellationToken), cause => Failed("ERR_PAUSE_WORKFLOW", $"error pausing workflow {id}: failed to pause workflow {id}: failed to suspend workflow: {cause}"));
    }

    internal Task ResumeAsync(string id, CancellationToken cancellationToken)
    {
        CheckGiven(id);
        return GuardAsync(hub.ResumeAsync(id, "", cancellationToken), cause => Failed("ERR_RESUME_WORKFLOW", $"error resuming workflow {id}: failed to resume workflow {id}: failed to resume workflow: {cause}"));
    }

    internal Task TerminateAsync(string id, CancellationToken cancellationToken)
    {
        CheckGiven(id);
        return GuardAsync(hub.TerminateAsync(id, null, recursive: true, cancellationToken),
            cause => IsUnknown(cause) ? NotFound(id, "failed to submit termination request:: " + cause) : Failed("ERR_TERMINATE_WORKFLOW", $"error terminating workflow '{id}': failed to terminate workflow {id}: failed to submit termination request:: {cause}"));
    }

    internal Task PurgeAsync(string id, CancellationToken cancellationToken)
    {
        CheckGiven(id);
        return GuardAsync(hub.PurgeAsync(id, recursive: true, force: false, cancellationToken),
            cause => IsUnknown(cause) ? NotFound(id, cause) : Failed("ERR_PURGE_WORKFLOW", $"error purging workflow {id}: failed to Purge workflow {id}: {cause}"));
    }

    internal static WorkflowApiFault NotFound(string id) => Fault(404, "ERR_INSTANCE_ID_NOT_FOUND", $"unable to find workflow with the provided instance ID: {id}", StatusCode.NotFound);

    // daprd fills a text with one more value than it has places for, and Go says so.
    private static WorkflowApiFault NotFound(string id, string cause) => NotFound($"{id}%!(EXTRA *fmt.wrapError={cause})");

    internal static WorkflowApiFault Malformed(string cause) => Fault(400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: " + cause, StatusCode.InvalidArgument);

    internal static WorkflowApiFault TooLarge() => Fault(400, "ERR_BODY_READ", "failed to read request body: stream too large", StatusCode.InvalidArgument);

    internal long MaxBody => sidecar.Options.MaxBodySize;

    private static bool IsUnknown(string cause) => cause.EndsWith("no such instance exists", StringComparison.Ordinal);

    private static WorkflowApiFault Start(string name, string cause) => Failed("ERR_START_WORKFLOW", $"error starting workflow '{name}': {cause}");

    private static WorkflowApiFault Failed(string code, string message) => Fault(500, code, message, StatusCode.Internal);

    private static WorkflowApiFault Fault(int status, string code, string message, StatusCode grpc) => new(new ApiError(status, code, message, grpc));

    private static void CheckGiven(string id)
    {
        if (id.Length == 0) throw Fault(400, "ERR_INSTANCE_ID_PROVIDED_MISSING", "no instance ID was provided", StatusCode.InvalidArgument);
    }

    private static void CheckId(string id)
    {
        if (Encoding.UTF8.GetByteCount(id) > LongestId)
            throw Fault(400, "ERR_INSTANCE_ID_TOO_LONG", $"workflow instance ID exceeds the max length of {LongestId} characters", StatusCode.InvalidArgument);
        if (!id.EnumerateRunes().All(static c => Rune.IsLetter(c) || Rune.IsDigit(c) || c.Value is '_' or '-'))
            throw Fault(400, "ERR_INSTANCE_ID_INVALID", $"workflow instance ID '{id}' is invalid: only alphanumeric and underscore characters are allowed", StatusCode.InvalidArgument);
    }

    private static async Task GuardAsync(Task call, Func<string, WorkflowApiFault> fault)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (WorkflowFault cause)
        {
            throw fault(cause.Inside);
        }
        catch (StorageException cause)
        {
            throw fault(cause.Message);
        }
    }
}

/// <summary>A workflow call of the Dapr API that cannot be done, as that API says it.</summary>
internal sealed class WorkflowApiFault(ApiError error) : Exception(error.Message)
{
    internal ApiError Error => error;
}
