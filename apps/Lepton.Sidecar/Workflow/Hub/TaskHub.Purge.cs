using Grpc.Core;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Purging: first the whole family is looked at, then deleted, so a child that still runs keeps everything.</summary>
internal sealed partial class TaskHub
{
    /// <returns>How many instances were deleted.</returns>
    internal async Task<int> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancellationToken)
    {
        var family = new List<string>();
        await ChangeAsync(id, instance =>
        {
            if (!instance.Exists) throw PurgeFault("no such instance exists");
            if (!force && !instance.Finished) throw PurgeFault("orchestration has not yet completed");
            if (!recursive) return Delete(instance);
            family.AddRange(ChildrenOf(instance));
            return Task.CompletedTask;
        }, cancellationToken).ConfigureAwait(false);
        if (!recursive) return 1;

        for (var i = 0; i < family.Count; i++)
        {
            var children = With(family[i], child =>
            {
                if (child.Exists && !force && !child.Finished) throw PurgeFault("failed to purge child workflow: orchestration has not yet completed");
                return child.Exists ? ChildrenOf(child) : [];
            });
            family.AddRange(children.Where(child => child != id && !family.Contains(child)));
        }
        family.Insert(0, id);
        var deleted = 0;
        foreach (var member in family)
        {
            var (exists, written) = With(member, instance => (instance.Exists, instance.Exists ? Delete(instance) : Task.CompletedTask));
            if (exists) deleted++;
            await written.ConfigureAwait(false);
        }
        return deleted;
    }

    private Task PurgeOldAsync(string id, long key) => With(id, instance => instance.Key == key && instance.Finished ? Delete(instance) : Task.CompletedTask);

    private static string[] ChildrenOf(LiveInstance instance) =>
        [.. instance.History.Events.Where(entry => entry.ChildWorkflowInstanceCreated is not null).Select(entry => entry.ChildWorkflowInstanceCreated.InstanceId)];

    private Task Delete(LiveInstance instance)
    {
        if (instance.InHand is { } hand) queue.Forget(hand.Work);
        foreach (var (_, done) in instance.Consumers) done.TrySetException(WorkflowFault.NoSuchInstance());
        instance.Consumers.Clear();
        stalled.TryRemove(instance.Id, out _);
        var key = instance.Key;
        instance.Reset(0);
        waits.Tell(instance.Id, null);
        return Persist(instance, write => WorkflowStore.Delete(write, key));
    }

    private static WorkflowFault PurgeFault(string cause) => new(StatusCode.Unknown, "failed to purge workflow state: " + cause);
}
