namespace Lepton.Sidecar.Actors;

/// <summary>Which app hosts an actor type. It is one table for all apps of a run; of several hosts of a type the first one has it.</summary>
internal sealed class Placement(TimeProvider time)
{
    // daprd asks again five times, a second apart.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, List<ActorType>> types = [];
    private readonly Lock gate = new();
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called with each type that gets a host.</summary>
    internal event Action<string>? Hosted;

    internal ActorType? Find(string type)
    {
        lock (gate) return types.TryGetValue(type, out var hosts) ? hosts[0] : null;
    }

    /// <summary>The host of a type, waiting a while for one to come.</summary>
    /// <exception cref="ActorFault">Nobody hosts the type.</exception>
    internal async Task<ActorType> FindAsync(string type, string id, CancellationToken cancellationToken)
    {
        if (Find(type) is { } at) return at;
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        while (true)
        {
            Task change;
            lock (gate) change = changed.Task;
            if (Find(type) is { } found) return found;
            try
            {
                await change.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw ActorFault.NoHost(type, id);
            }
        }
    }

    internal void Add(ActorType type)
    {
        lock (gate)
        {
            if (!types.TryGetValue(type.Name, out var hosts)) types[type.Name] = hosts = [];
            hosts.RemoveAll(other => other.Host == type.Host);
            hosts.Add(type);
            changed.TrySetResult();
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        Hosted?.Invoke(type.Name);
    }

    internal void Remove(Predicate<ActorType> gone)
    {
        var next = new List<string>();
        lock (gate)
        {
            foreach (var (name, hosts) in types.ToArray())
            {
                if (hosts.RemoveAll(gone) == 0) continue;
                if (hosts.Count == 0) types.Remove(name);
                else next.Add(name);
            }
        }
        foreach (var name in next) Hosted?.Invoke(name);
    }
}
