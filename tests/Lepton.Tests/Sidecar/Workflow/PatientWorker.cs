using System.Collections.Concurrent;
using Grpc.Core;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Hub;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Tests.Sidecar.Workflow;

/// <summary>A worker without a wire that only notes what it gets: the test answers.</summary>
internal sealed class PatientWorker(TaskHub hub, bool tokens = false) : IServerStreamWriter<WorkItem>, IDisposable
{
    private readonly CancellationTokenSource gone = new();

    public WriteOptions? WriteOptions { get; set; }

    internal ConcurrentQueue<WorkItem> Items { get; } = new();

    internal PatientWorker Start()
    {
        _ = hub.ServeWorkerAsync(this, tokens, gone.Token);
        return this;
    }

    internal Task LeaveAsync() => gone.CancelAsync();

    public void Dispose() => gone.Dispose();

    public Task WriteAsync(WorkItem message)
    {
        Items.Enqueue(message);
        return Task.CompletedTask;
    }

    public Task WriteAsync(WorkItem message, CancellationToken cancellationToken) => WriteAsync(message);

    internal async Task<WorkItem> NextAsync()
    {
        WorkItem? item = null;
        await Eventually.HoldsAsync(() => Items.TryDequeue(out item), "a work item");
        return item!;
    }
}

/// <summary>A hub of its own, and what a test answers in a worker's place.</summary>
internal static class Hub
{
    internal static TaskHub Open(Database database, WorkflowSettings? settings = null, TimeProvider? time = null, Action<string>? log = null)
    {
        var hubs = new TaskHubs();
        var hub = new TaskHub("app", database, hubs, time ?? TimeProvider.System, 4 << 20, log ?? (static _ => { }), settings);
        hubs.Add(hub);
        hub.Recover();
        return hub;
    }

    internal static WorkflowResponse Answer(WorkflowRequest request, params WorkflowAction[] actions) => new() { InstanceId = request.InstanceId, Actions = { actions } };

    internal static WorkflowAction Complete(OrchestrationStatus status = OrchestrationStatus.Completed) =>
        new() { CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = status, Result = "done" } };

    internal static WorkflowAction Schedule(int id, string name = "A") => new() { Id = id, ScheduleTask = new ScheduleTaskAction { Name = name, Input = "x" } };

    internal static ActivityResponse Result(ActivityRequest request, string result) =>
        new() { InstanceId = request.WorkflowInstance.InstanceId, TaskId = request.TaskId, Result = result };

    internal static bool IsOver(WorkflowState? state) => state is not null && StateReport.IsFinal(state.WorkflowStatus);
}
