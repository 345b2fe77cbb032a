using System.Collections.Concurrent;
using Grpc.Core;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Activities: handed out after the commit of the turn that scheduled them, at least once, their first answer taken.</summary>
internal sealed partial class TaskHub
{
    // Those that wait for a worker, are with one, or have an answer that is not stored yet. An instance that is read again must not run them a second time.
    private readonly ConcurrentDictionary<(long Key, int Generation, int Task), bool> dispatched = new();

    private void Dispatch(LiveInstance instance, HistoryEvent scheduled) => Dispatch(instance.Id, instance.Key, instance.Generation, StartOf(instance, scheduled));

    // What it was told of the history is not stored: it is the history up to its start.
    private ActivityStart StartOf(LiveInstance instance, HistoryEvent scheduled)
    {
        var scope = scheduled.TaskScheduled.HistoryPropagationScope;
        var told = scope == HistoryPropagationScope.None ? null
            : Lineage.Tell(scope, instance.Id, AppId, instance.History.Events.TakeWhile(entry => entry != scheduled).Append(scheduled), instance.Received);
        return new ActivityStart(scheduled, scheduled.Router is { HasTargetAppID: true, TargetAppID.Length: > 0 } router ? router.TargetAppID : null, told);
    }

    private void Dispatch(string id, long key, int generation, ActivityStart start)
    {
        var (scheduled, app, told) = start;
        if (!dispatched.TryAdd((key, generation, scheduled.EventId), true)) return;
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
            PropagatedHistory = told,
        };
        var runner = app is null || app == AppId ? this : hubs.Find(app);
        var work = new ActivityWork(this, (runner ?? this).queue, key, generation, scheduled, request);
        if (runner is not null) runner.queue.Add(work);
        else _ = StoreAsync(work, new ActivityResponse { InstanceId = id, TaskId = scheduled.EventId, FailureDetails = UnknownApp(app!) });
    }

    private static TaskFailureDetails UnknownApp(string app) => new()
    {
        ErrorType = "UnknownApp",
        ErrorMessage = $"App '{app}' is not part of this run, so nothing of a workflow can run there. Add it to dapr.yaml, or leave the target app out.",
        IsNonRetriable = true,
    };

    /// <summary>Whether an activity that waits for a worker is still open.</summary>
    internal bool Wants(ActivityWork work)
    {
        if (With(work.Name.Instance, instance => IsOpen(instance, work))) return true;
        Done(work);
        return false;
    }

    private void Done(ActivityWork work) => dispatched.TryRemove((work.Key, work.Generation, work.Name.Task), out _);

    // As with daprd, the result of what a run before a ContinueAsNew asked for still makes a turn, in which it means nothing. Where the present run asked for
    // something of the same id it could be taken for that: there it is dropped.
    private static bool IsLate(LiveInstance instance, HistoryEvent answer) => instance is { Generation: > 0, Finished: false } && !instance.History.AskedFor(answer);

    private static bool IsOpen(LiveInstance instance, ActivityWork work) =>
        instance.Key == work.Key && instance.Generation == work.Generation && instance.Open.Tasks.ContainsKey(work.Name.Task);

    /// <summary>Takes a worker's answer; one for an activity that is not out is ignored.</summary>
    internal async Task CompleteActivityAsync(ActivityResponse response)
    {
        if (queue.Answered(response.InstanceId, response.TaskId, response.CompletionToken) is not { } work) return;
        if (response.CalculateSize() is var size && size > maxMessage)
        {
            response = new ActivityResponse { InstanceId = response.InstanceId, TaskId = response.TaskId, FailureDetails = TooLarge($"The result of activity '{work.Scheduled.Name}'", size) };
        }
        await work.Hub.StoreAsync(work, response).ConfigureAwait(false);
    }

    // While the disk refuses, the answer stays here and its worker waits: the activity is done and need not run again.
    private async Task StoreAsync(ActivityWork work, ActivityResponse response)
    {
        var pause = TimeSpan.Zero;
        do
        {
            try
            {
                await AcceptAsync(work, response).ConfigureAwait(false);
                Done(work);
                return;
            }
            catch (StorageException fault)
            {
                pause = PauseAfter(work.Name.Instance, fault);
            }
        }
        while (await PausedAsync(pause).ConfigureAwait(false));
        throw new WorkflowFault(StatusCode.Unavailable, $"The runtime stops before the result of activity '{work.Scheduled.Name}' of instance '{work.Name.Instance}' could be stored; the activity will run again.");
    }

    private Task AcceptAsync(ActivityWork work, ActivityResponse response) => With(work.Name.Instance, instance =>
    {
        var answer = HistoryEvents.ActivityAnswered(clock.Next(), response, work.Asked);
        if (IsOpen(instance, work)) instance.Open.Answer(answer);
        else if (instance.Key != work.Key || !IsLate(instance, answer)) return Task.CompletedTask;
        return Append(instance, answer);
    });
}
