using System.Globalization;
using Grpc.Core;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>
/// The calls of clients. As with daprd, calls that change an instance wait for a connected worker and for the end of a turn that is out;
/// one that ends before has done nothing. Calls that read answer from what is committed.
/// </summary>
internal sealed partial class TaskHub
{
    /// <summary>Starts an instance and returns once that is on disk.</summary>
    internal async Task<string> StartAsync(CreateInstanceRequest request, CancellationToken cancellationToken)
    {
        if (!HasStore()) throw WorkflowFault.NoStore("failed to create workflow instance: ");
        var id = request.InstanceId;
        var trace = TraceContexts.Carried(request.ParentTraceContext);
        Child[] children = [];
        await ChangeAsync(id, instance =>
        {
            children = instance.Finished ? ChildrenOf(instance) : [];
            return children.Length == 0 ? Start(instance, request, trace) : Task.CompletedTask;
        }, cancellationToken).ConfigureAwait(false);
        if (children.Length == 0) return id;
        if (RunningAmong(children, []) is { } running) throw WorkflowFault.Reused(id, running);
        await ChangeAsync(id, instance => Start(instance, request, trace), cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>Starts an instance; without a start time this returns after its first turn is committed.</summary>
    internal async Task<string> StartAndWaitAsync(CreateInstanceRequest request, CancellationToken cancellationToken)
    {
        var id = await StartAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.ScheduledStartTimestamp is null)
        {
            await WaitAsync(id, state => state is not { WorkflowStatus: OrchestrationStatus.Pending }, cancellationToken).ConfigureAwait(false);
        }
        return id;
    }

    private Task Start(LiveInstance instance, CreateInstanceRequest request, TraceContext? trace)
    {
        if (instance.Blocked) throw WorkflowFault.NotCreated(WorkflowFault.Stalled(instance.Id));
        if (instance.Exists && !instance.Finished) throw WorkflowFault.AlreadyActive(instance.Id);
        if (ReminderNames.Refusal(AppId, instance.Id) is { } refusal) throw WorkflowFault.NotCreated(new WorkflowFault(StatusCode.Unknown, "rpc error: code = Unknown desc = " + refusal));
        var started = HistoryEvents.Routed(clock.Next(), AppId);
        started.ExecutionStarted = new ExecutionStartedEvent
        {
            Name = request.Name,
            Input = request.Input,
            ScheduledStartTimestamp = request.ScheduledStartTimestamp,
            ParentTraceContext = trace,
            WorkflowSpanID = TraceContexts.SpanOf(trace),
            WorkflowInstance = new WorkflowInstance { InstanceId = instance.Id, ExecutionId = Guid.NewGuid().ToString() },
        };
        return Create(instance, started);
    }

    internal Task RaiseAsync(string id, string name, string? input, CancellationToken cancellationToken) => ChangeAsync(id, instance =>
    {
        if (!IsOpen(instance)) return Task.CompletedTask;
        var raised = HistoryEvents.Plain(clock.Next());
        raised.EventRaised = new EventRaisedEvent { Name = name, Input = input };
        return Append(instance, raised);
    }, cancellationToken);

    /// <returns>Whether the instance is suspended already, or has ended.</returns>
    internal Task<bool> SuspendAsync(string id, string? reason, CancellationToken cancellationToken)
    {
        var suspended = HistoryEvents.Plain(clock.Next());
        suspended.ExecutionSuspended = new ExecutionSuspendedEvent { Input = string.IsNullOrEmpty(reason) ? null : reason };
        return SwitchAsync(id, suspended, OrchestrationStatus.Suspended, cancellationToken);
    }

    /// <returns>Whether the instance runs already, or has ended.</returns>
    internal Task<bool> ResumeAsync(string id, string? reason, CancellationToken cancellationToken)
    {
        var resumed = HistoryEvents.Plain(clock.Next());
        resumed.ExecutionResumed = new ExecutionResumedEvent { Input = string.IsNullOrEmpty(reason) ? null : reason };
        return SwitchAsync(id, resumed, OrchestrationStatus.Running, cancellationToken);
    }

    /// <summary>Suspends an instance and returns when it is suspended, or has ended.</summary>
    internal async Task SuspendAndWaitAsync(string id, string? reason, CancellationToken cancellationToken)
    {
        if (!await SuspendAsync(id, reason, cancellationToken).ConfigureAwait(false)) await StatusAsync(id, OrchestrationStatus.Suspended, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Resumes an instance and returns when it runs, or has ended.</summary>
    internal async Task ResumeAndWaitAsync(string id, string? reason, CancellationToken cancellationToken)
    {
        if (!await ResumeAsync(id, reason, cancellationToken).ConfigureAwait(false)) await StatusAsync(id, OrchestrationStatus.Running, cancellationToken).ConfigureAwait(false);
    }

    private Task<WorkflowState?> StatusAsync(string id, OrchestrationStatus wanted, CancellationToken cancellationToken) =>
        WaitAsync(id, state => state is null || state.WorkflowStatus == wanted || StateReport.IsFinal(state.WorkflowStatus), cancellationToken);

    private async Task<bool> SwitchAsync(string id, HistoryEvent entry, OrchestrationStatus wanted, CancellationToken cancellationToken)
    {
        var there = true;
        await ChangeAsync(id, instance =>
        {
            if (!IsOpen(instance)) return Task.CompletedTask;
            there = instance.History.Status == wanted;
            return Append(instance, entry);
        }, cancellationToken).ConfigureAwait(false);
        return there;
    }

    internal Task TerminateAsync(string id, string? output, bool recursive, CancellationToken cancellationToken) => ChangeAsync(id, instance =>
    {
        if (!IsOpen(instance)) return Task.CompletedTask;
        var terminated = HistoryEvents.Plain(clock.Next());
        terminated.ExecutionTerminated = new ExecutionTerminatedEvent { Input = output, Recurse = recursive };
        return Append(instance, terminated);
    }, cancellationToken);

    /// <summary>Terminates an instance and returns when it has ended.</summary>
    internal async Task TerminateAndWaitAsync(string id, string? output, bool recursive, CancellationToken cancellationToken)
    {
        await TerminateAsync(id, output, recursive, cancellationToken).ConfigureAwait(false);
        await WaitAsync(id, state => state is null || StateReport.IsFinal(state.WorkflowStatus), cancellationToken).ConfigureAwait(false);
    }

    private static bool IsOpen(LiveInstance instance)
    {
        if (!instance.Exists) throw WorkflowFault.NoSuchInstance();
        if (instance.Blocked) throw WorkflowFault.Stalled(instance.Id);
        return !instance.Finished;
    }

    private async Task ChangeAsync(string id, Func<LiveInstance, Task> change, CancellationToken cancellationToken)
    {
        if (!HasStore()) throw WorkflowFault.NoStore();
        await queue.WorkerAsync(cancellationToken).ConfigureAwait(false);
        await InTurnAsync(id, change, cancellationToken).ConfigureAwait(false);
    }

    private async Task InTurnAsync(string id, Func<LiveInstance, Task> act, CancellationToken cancellationToken)
    {
        var done = With(id, instance =>
        {
            if (!instance.Busy) return Task.FromResult(act(instance));
            var call = new DeferredCall<Task>(act, cancellationToken);
            instance.Deferred.Enqueue(call);
            return call.Result;
        });
        await (await done.ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <summary>The committed state, or null when there is no such instance.</summary>
    internal async Task<WorkflowState?> GetAsync(string id)
    {
        if (!HasStore()) throw WorkflowFault.NoStore("failed to load workflow metadata: ");
        var (state, written) = With(id, instance => (StateOf(instance), instance.LastWrite));
        await written.ConfigureAwait(false);
        return state;
    }

    /// <summary>Waits for a state, also of an instance that does not exist yet.</summary>
    internal Task<WorkflowState?> WaitAsync(string id, Func<WorkflowState?, bool> wanted, CancellationToken cancellationToken) =>
        waits.WaitAsync(id, wanted, () => GetAsync(id), cancellationToken);

    /// <summary>The same for clients: as with daprd they wait for a worker and for the end of a turn that is out, and not for an instance that is stalled.</summary>
    internal async Task<WorkflowState?> WatchAsync(string id, Func<WorkflowState?, bool> wanted, CancellationToken cancellationToken)
    {
        await queue.WorkerAsync(cancellationToken).ConfigureAwait(false);
        await InTurnAsync(id, static instance => instance.Blocked ? throw WorkflowFault.Stalled(instance.Id, "reminder") : Task.CompletedTask, cancellationToken).ConfigureAwait(false);
        return await WaitAsync(id, wanted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The committed history.</summary>
    internal async Task<GetInstanceHistoryResponse> HistoryAsync(string id)
    {
        if (!HasStore()) throw WorkflowFault.NoStore("failed to load workflow metadata: ");
        var (history, written) = With(id, instance => (instance.Exists ? new GetInstanceHistoryResponse { Events = { instance.History.Events } } : null, instance.LastWrite));
        await written.ConfigureAwait(false);
        return history ?? throw new WorkflowFault(StatusCode.NotFound, $"workflow instance '{id}' not found");
    }

    internal ListInstanceIDsResponse List(ListInstanceIDsRequest request)
    {
        if (!HasStore()) throw new WorkflowFault(StatusCode.Unknown, "no state store with actor support found");
        long after = 0;
        if (request.HasContinuationToken && !long.TryParse(request.ContinuationToken, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            throw new WorkflowFault(StatusCode.Unknown, $"invalid continue token: strconv.ParseUint: parsing \"{request.ContinuationToken}\": invalid syntax");
        }
        var size = request.HasPageSize ? (int)Math.Min(request.PageSize, 10_000) : 10_000;
        var (ids, last, more) = store.List(after, size);
        var response = new ListInstanceIDsResponse { InstanceIds = { ids } };
        if (more || (request.HasPageSize && ids.Count == size && FullPageGoesOn())) response.ContinuationToken = last.ToString(CultureInfo.InvariantCulture);
        return response;
    }
}
