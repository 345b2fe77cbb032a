using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Activities: handed out after the commit of the turn that scheduled them, at least once, their first answer taken.</summary>
internal sealed partial class TaskHub
{
    private void Dispatch(LiveInstance instance, HistoryEvent scheduled) =>
        Dispatch(instance.Id, instance.Key, instance.Generation, scheduled, scheduled.Router is { HasTargetAppID: true } router ? router.TargetAppID : null);

    private void Dispatch(string id, long key, int generation, HistoryEvent scheduled, string? app)
    {
        var task = scheduled.TaskScheduled;
        var request = new ActivityRequest
        {
            Name = task.Name,
            Version = task.Version,
            Input = task.Input,
            TaskId = scheduled.EventId,
            TaskExecutionId = task.TaskExecutionId,
            ParentTraceContext = task.ParentTraceContext,
            WorkflowInstance = new WorkflowInstance { InstanceId = id },
        };
        var runner = app is null || app == AppId ? this : hubs.Find(app);
        var work = new ActivityWork(this, (runner ?? this).queue, key, generation, scheduled, request);
        if (runner is not null) runner.queue.Add(work);
        else _ = AcceptAsync(work, new ActivityResponse { InstanceId = id, TaskId = scheduled.EventId, FailureDetails = UnknownApp(app!) });
    }

    private static TaskFailureDetails UnknownApp(string app) => new()
    {
        ErrorType = "UnknownApp",
        ErrorMessage = $"App '{app}' is not part of this run, so nothing of a workflow can run there. Add it to dapr.yaml, or leave the target app out.",
        IsNonRetriable = true,
    };

    /// <summary>Whether an activity that waits for a worker is still open.</summary>
    internal bool Wants(ActivityWork work) => With(work.Name.Instance, instance => IsOpen(instance, work));

    private static bool IsOpen(LiveInstance instance, ActivityWork work) =>
        instance.Key == work.Key && instance.Generation == work.Generation && instance.Open.Tasks.ContainsKey(work.Name.Task);

    /// <summary>Takes a worker's answer; one for an activity that is not out is ignored.</summary>
    internal async Task CompleteActivityAsync(ActivityResponse response)
    {
        if (queue.Answered(response.InstanceId, response.TaskId) is not { } work) return;
        if (response.CalculateSize() is var size && size > maxMessage)
        {
            response = new ActivityResponse { InstanceId = response.InstanceId, TaskId = response.TaskId, FailureDetails = TooLarge($"The result of activity '{work.Scheduled.Name}'", size) };
        }
        try
        {
            await work.Hub.AcceptAsync(work, response).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            work.Lost();
            throw;
        }
    }

    private Task AcceptAsync(ActivityWork work, ActivityResponse response) => With(work.Name.Instance, instance =>
    {
        if (!IsOpen(instance, work)) return Task.CompletedTask;
        var answer = HistoryEvents.ActivityAnswered(clock.Next(), AppId, response, work.Scheduled);
        instance.Open.Answer(answer);
        return Append(instance, answer);
    });
}
