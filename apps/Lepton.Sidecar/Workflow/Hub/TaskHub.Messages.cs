using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>
/// Messages between instances. They are stored with the turn that sends them and removed with the write that puts them into the target's inbox,
/// so each arrives exactly once whatever dies in between.
/// </summary>
internal sealed partial class TaskHub
{
    private async Task DeliverAsync(WorkflowStore.StoredMessage stored)
    {
        var pause = TimeSpan.Zero;
        do
        {
            try
            {
                var target = hubs.Find(stored.Message.App);
                await (target is null ? Undeliverable(stored) : target.Receive(stored, this)).ConfigureAwait(false);
                return;
            }
            catch (StorageException fault)
            {
                pause = outage.Refused(fault);
            }
        }
        while (await PausedAsync(pause).ConfigureAwait(false));
    }

    private Task Receive(WorkflowStore.StoredMessage stored, TaskHub sender)
    {
        var (key, message) = stored;
        if (message.Event.ExecutionStarted is { } start) return ReceiveStart(stored, start, sender);
        return With(message.Instance, instance =>
        {
            var wanted = instance.Exists && !instance.Finished && (Awaits(instance, message) ? instance.Open.Answer(message.Event) : IsLate(instance, message.Event));
            return wanted ? Append(instance, message.Event, write => WorkflowStore.RemoveMessage(write, key)) : Remove(key);
        });
    }

    private Task ReceiveStart(WorkflowStore.StoredMessage stored, ExecutionStartedEvent start, TaskHub sender)
    {
        var message = stored.Message;
        var running = RunningAmong(With(message.Instance, static instance => instance.Finished ? ChildrenOf(instance) : []), []);
        return With(message.Instance, instance =>
        {
            var free = !instance.Exists || instance.Finished;
            if (free && running is null) return Create(instance, message.Event, message.Told, write => WorkflowStore.RemoveMessage(write, stored.Key));
            if (start.ParentInstance is null || (!free && IsSameChild(instance, start.ParentInstance))) return Remove(stored.Key);
            var taken = free ? WorkflowFault.CannotRecreate(instance.Id, running!) : $"an active workflow with ID '{instance.Id}' already exists";
            return sender.Refuse(stored, start.ParentInstance, new TaskFailureDetails { ErrorType = "WorkflowInstanceAlreadyExists", ErrorMessage = taken });
        });
    }

    private static bool Awaits(LiveInstance instance, WorkflowMessage message) => message.Child is null || HistoryEvents.ResultOf(message.Event) is not { } result ||
        (instance.Open.Children.TryGetValue(result.Id, out var created) && (created.ChildWorkflowInstanceCreated.InstanceId == message.Child || instance.Execution == message.Child));

    /// <summary>Whether a child that runs already is the one that is to be started: its parent asked for it before, in a run that continued as new.</summary>
    private static bool IsSameChild(LiveInstance child, ParentInstanceInfo parent) => child.Parent is { } known &&
        known.TaskScheduledId == parent.TaskScheduledId && known.WorkflowInstance?.InstanceId == parent.WorkflowInstance?.InstanceId && known.AppID == parent.AppID;

    private Task Undeliverable(WorkflowStore.StoredMessage stored) => stored.Message.Event.ExecutionStarted?.ParentInstance is { } parent
        ? Refuse(stored, parent, UnknownApp(stored.Message.App))
        : Remove(stored.Key);

    // The start of a child that cannot be: its parent learns of it as of a child that failed.
    private async Task Refuse(WorkflowStore.StoredMessage stored, ParentInstanceInfo parent, TaskFailureDetails details)
    {
        var (key, start) = stored;
        var answer = new WorkflowStore.StoredMessage(WorkflowStore.NewKey(),
            new WorkflowMessage(parent.HasAppID ? parent.AppID : AppId, parent.WorkflowInstance.InstanceId, start.Instance, HistoryEvents.ChildRefused(clock.Next(), parent, details)));
        await database.WriteAsync(write =>
        {
            WorkflowStore.RemoveMessage(write, key);
            store.AddMessage(write, answer);
        }).ConfigureAwait(false);
        _ = DeliverAsync(answer);
    }

    private Task Remove(long key) => database.WriteAsync(write => WorkflowStore.RemoveMessage(write, key));
}
