using System.Text;

namespace Lepton.Sidecar.Actors;

/// <summary>
/// Which app hosts an actor. It is one table for all apps of a run. Of several hosts of a type each has a share of the ids; when one comes or goes, the ids that
/// move are drained where they were before calls reach them where they are, so an actor lives in one place at a time.
/// </summary>
internal sealed class Placement(TimeProvider time) : IDisposable
{
    // daprd asks again five times, a second apart.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, ActorType[]> types = [];
    private readonly HashSet<string> changing = [];
    private readonly Lock gate = new();
    private readonly SemaphoreSlim oneChange = new(1);
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called with each type whose hosts have changed and that has one.</summary>
    internal event Action<string>? Hosted;

    /// <summary>The host of an actor; null while it has none, or its type's hosts change.</summary>
    internal ActorType? Find(string type, string id)
    {
        lock (gate) return !changing.Contains(type) && types.TryGetValue(type, out var hosts) ? Owner(hosts, id) : null;
    }

    /// <summary>Whether an app is among the hosts of a type.</summary>
    internal bool Has(string type, ActorHost host)
    {
        lock (gate) return types.TryGetValue(type, out var hosts) && Array.Exists(hosts, at => at.Host == host);
    }

    // The highest of the hosts' hashes with the id: when a host comes or goes, only the ids it gets or had move.
    /// <summary>The types a host has, also those without an actor at present.</summary>
    internal string[] TypesOf(ActorHost host)
    {
        lock (gate) return [.. types.Where(entry => entry.Value.Any(type => type.Host == host)).Select(static entry => entry.Key).Order(StringComparer.Ordinal)];
    }

    private static ActorType Owner(ActorType[] hosts, string id) => hosts.Length == 1 ? hosts[0] : hosts.MaxBy(at => Hash(at.Host.AppId, id))!;

    private static ulong Hash(string host, string id)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes($"{host}/{id}")) hash = (hash ^ b) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        return hash ^ (hash >> 33);
    }

    /// <summary>The host of an actor, waiting a while for one to come.</summary>
    /// <exception cref="ActorFault">Nobody hosts the type.</exception>
    internal async Task<ActorType> FindAsync(string type, string id, CancellationToken cancellationToken)
    {
        if (Find(type, id) is { } at) return at;
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        while (true)
        {
            Task change;
            lock (gate) change = changed.Task;
            if (Find(type, id) is { } found) return found;
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

    internal Task AddAsync(IReadOnlyList<ActorType> added) =>
        ChangeAsync([.. added.Select(type => type.Name)], (name, hosts) => [.. hosts.Where(other => other.Host != added[0].Host), added.First(type => type.Name == name)]);

    internal Task RemoveAsync(Predicate<ActorType> gone)
    {
        string[] names;
        lock (gate) names = [.. types.Where(entry => Array.Exists(entry.Value, gone)).Select(entry => entry.Key)];
        return ChangeAsync(names, (_, hosts) => [.. hosts.Where(host => !gone(host))]);
    }

    private async Task ChangeAsync(string[] names, Func<string, ActorType[], ActorType[]> change)
    {
        await oneChange.WaitAsync().ConfigureAwait(false);
        try
        {
            Dictionary<string, ActorType[]> after = [];
            ActorType[] before;
            lock (gate)
            {
                before = [.. names.SelectMany(name => types.GetValueOrDefault(name) ?? [])];
                foreach (var name in names) after[name] = change(name, types.GetValueOrDefault(name) ?? []);
                changing.UnionWith(names);
            }
            await Task.WhenAll(before.Select(at => at.Host.LeaveAsync(at.Name, id => after[at.Name] is { Length: > 0 } hosts && Owner(hosts, id).Link == at.Link))).ConfigureAwait(false);
            lock (gate)
            {
                foreach (var (name, hosts) in after)
                {
                    if (hosts.Length > 0) types[name] = hosts;
                    else types.Remove(name);
                }
                changing.ExceptWith(names);
                changed.TrySetResult();
                changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            foreach (var (name, hosts) in after) if (hosts.Length > 0) Hosted?.Invoke(name);
        }
        finally
        {
            oneChange.Release();
        }
    }

    public void Dispose() => oneChange.Dispose();
}
