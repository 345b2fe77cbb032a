using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Calls that wait for an instance to reach a state. An instance need not exist yet.</summary>
internal sealed class StateWaits
{
    private sealed record Wait(Func<WorkflowState?, bool> Wanted, TaskCompletionSource<WorkflowState?> Done);

    private readonly Dictionary<string, List<Wait>> waits = [];
    private readonly Lock gate = new();

    internal bool Any(string id)
    {
        lock (gate) return waits.ContainsKey(id);
    }

    /// <summary>Waits until <see cref="Tell"/> brings a state that is wanted.</summary>
    internal async Task<WorkflowState?> WaitAsync(string id, Func<WorkflowState?, bool> wanted, Func<Task<WorkflowState?>> current, CancellationToken cancellationToken)
    {
        var wait = new Wait(wanted, new TaskCompletionSource<WorkflowState?>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate)
        {
            if (!waits.TryGetValue(id, out var list)) waits[id] = list = [];
            list.Add(wait);
        }
        try
        {
            var now = await current().ConfigureAwait(false);
            return wanted(now) ? now : await wait.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (gate)
            {
                if (waits.TryGetValue(id, out var list) && list.Remove(wait) && list.Count == 0) waits.Remove(id);
            }
        }
    }

    internal void Tell(string id, WorkflowState? state)
    {
        lock (gate)
        {
            if (!waits.TryGetValue(id, out var list)) return;
            foreach (var wait in list)
            {
                if (wait.Wanted(state)) wait.Done.TrySetResult(state);
            }
        }
    }
}
