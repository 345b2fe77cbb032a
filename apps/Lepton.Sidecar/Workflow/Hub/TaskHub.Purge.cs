using Grpc.Core;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Purging: first the whole family is looked at, then deleted, so a child that still runs keeps everything.</summary>
internal sealed partial class TaskHub
{
    /// <returns>How many instances were deleted.</returns>
    internal async Task<int> PurgeAsync(string id, bool recursive, bool force, CancellationToken cancellationToken)
    {
        if (!HasStore()) throw WorkflowFault.NoStore("failed to purge workflow state: " + (recursive ? "failed to fetch workflow state: failed to load workflow metadata: " : ""));
        if (recursive) return await PurgeFamilyAsync(id, force, cancellationToken).ConfigureAwait(false);
        if (force)
        {
            await With(id, instance => instance.Exists ? Delete(instance) : throw PurgeFault(NoInstance)).ConfigureAwait(false);
            return 1;
        }
        await ChangeAsync(id, instance =>
        {
            if (!instance.Exists) throw PurgeFault(NoInstance);
            if (instance.Blocked) throw PurgeFault(WorkflowFault.Stalled(id).Message);
            return instance.Finished ? Delete(instance) : throw PurgeFault(NotCompleted);
        }, cancellationToken).ConfigureAwait(false);
        return 1;
    }

    private const string NoInstance = "no such instance exists";

    // What is there is read from what is committed, worker or not; only to delete it takes a worker, as with daprd.
    private async Task<int> PurgeFamilyAsync(string id, bool force, CancellationToken cancellationToken)
    {
        var family = new List<(TaskHub Hub, string Id)>();
        Collect(id, force, family, "");
        if (!force) await queue.WorkerAsync(cancellationToken).ConfigureAwait(false);
        var deleted = 0;
        foreach (var (hub, member) in family)
        {
            var (exists, written) = hub.With(member, instance => (instance.Exists, instance.Exists ? hub.Delete(instance) : Task.CompletedTask));
            if (exists) deleted++;
            await written.ConfigureAwait(false);
        }
        return deleted;
    }

    private void Collect(string id, bool force, List<(TaskHub Hub, string Id)> family, string below)
    {
        var (exists, begun, finished, children) = With(id, static instance => (instance.Exists, instance.History.Events.Count > 0, instance.Finished, ChildrenOf(instance)));
        if (!begun && below.Length > 0) return;
        if (!exists) throw PurgeFault("failed to fetch workflow state: " + NoInstance);
        if (!begun) throw PurgeFault(NoInstance);
        if (!force && !finished) throw PurgeFault(below + NotCompleted);
        family.Add((this, id));
        foreach (var child in children)
        {
            if (HubOf(child) is { } hub && !family.Contains((hub, child.Id))) hub.Collect(child.Id, force, family, "failed to purge child workflow: " + below);
        }
    }

    private Task PurgeOldAsync(string id, long key) => With(id, instance => instance.Key == key && instance.Finished ? Delete(instance) : Task.CompletedTask);

    private Task Delete(LiveInstance instance)
    {
        if (instance.InHand is { } hand) queue.Forget(hand.Work);
        stalled.TryRemove(instance.Id, out _);
        var key = instance.Key;
        instance.Reset(0);
        waits.Tell(instance.Id, null);
        return Persist(instance, write => WorkflowStore.Delete(write, key));
    }

    private static WorkflowFault PurgeFault(string cause) => new(StatusCode.Unknown, "failed to purge workflow state: " + cause);
}
