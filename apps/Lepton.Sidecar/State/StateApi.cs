using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.State;

/// <summary>The state API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class StateApi
{
    private readonly VirtualSidecar sidecar;
    private Dictionary<string, StateComponent> components;

    internal StateApi(VirtualSidecar sidecar)
    {
        this.sidecar = sidecar;
        components = StateComponent.All(sidecar);
        sidecar.WhenReloaded(_ =>
        {
            components = StateComponent.All(sidecar);
            return Task.CompletedTask;
        });
    }

    internal ApiError? Find(string name, out StateComponent component, bool query = false)
    {
        if (components.TryGetValue(name, out component!)) return null;
        return components.Count == 0 ? StateErrors.NotConfigured(name, sidecar.AppId, query) : StateErrors.NotFound(name, sidecar.AppId, query);
    }

    internal static ApiError? Keys(StateComponent component, IReadOnlyList<string> keys, out string[] stored, bool inTransaction = false)
    {
        stored = new string[keys.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            if (component.Key(keys[i]) is not { } key) return StateErrors.IllegalKey(component.Name, keys[i], inTransaction);
            stored[i] = key;
        }
        return null;
    }

    /// <summary>Reads under the component's policies.</summary>
    /// <exception cref="StorageException">The store or a policy gave no answer.</exception>
    internal static Task<T> ReadAsync<T>(StateComponent component, Func<StateStore, T> read) => component.Guard.CallAsync(() => Task.FromResult(read(component.Store)));

    /// <summary>Saves each item for itself, as Dapr does: one that fails does not hold back the others. All go into the same group commit.</summary>
    internal static async Task<ApiError?> SaveAsync(StateComponent component, IReadOnlyList<StateWrite> writes, Func<string, bool, ApiError> error)
    {
        foreach (var write in writes)
        {
            if (write is { Key.Length: 0, IsDelete: false }) return StateErrors.EmptyKey;
            if (component.Key(write.Key) is null) return StateErrors.IllegalKey(component.Name, write.Key, false);
        }
        return writes.Count == 0 ? null : await new Saving(component, writes).RunAsync(error).ConfigureAwait(false);
    }

    /// <summary>Deletes one key. Unlike a save, a delete that its ETag refuses is made again under a retry policy, as in daprd.</summary>
    internal static async Task<ApiError?> DeleteAsync(StateComponent component, StateWrite delete)
    {
        if (component.Key(delete.Key) is null) return StateErrors.IllegalKey(component.Name, delete.Key, false);
        try
        {
            await component.Guard.WriteAsync(() => delete.Check(component, out var change) is { } wrong
                ? Task.FromException(new StorageException(wrong))
                : component.Store.TransactAsync([change]), Verdict.Failed).ConfigureAwait(false);
            return null;
        }
        catch (StateConflictException conflict)
        {
            return StateErrors.Delete(delete.Key, component.Mismatch(conflict), true);
        }
        catch (StorageException fault)
        {
            return StateErrors.Delete(delete.Key, fault.Message, false);
        }
    }

    internal static async Task<ApiError?> TransactAsync(StateComponent component, IReadOnlyList<StateWrite> operations, CallerTrace trace)
    {
        var writes = component.Outbox is null ? operations : Outbox.Stored(operations);
        var changes = new StateChange[writes.Count];
        for (var i = 0; i < changes.Length; i++)
        {
            if (component.Key(writes[i].Key) is null) return StateErrors.IllegalKey(component.Name, writes[i].Key, inTransaction: true);
            if (writes[i].Check(component, out changes[i]) is { } wrong) return StateErrors.Transaction(wrong);
        }
        if (changes.Length == 0) return null;
        if (component.Outbox?.Check(operations) is { } refused) return refused;
        try
        {
            await component.Guard.WriteAsync(
                () => component.Outbox is { } outbox ? outbox.TransactAsync(component.Store, operations, changes, trace) : component.Store.TransactAsync(changes), Verdict.Failed).ConfigureAwait(false);
            return null;
        }
        catch (StateConflictException conflict)
        {
            return StateErrors.Transaction(component.Mismatch(conflict));
        }
        catch (StorageException fault)
        {
            return StateErrors.Transaction(fault.Message);
        }
    }

    /// <summary>
    /// What a bulk get answers, key by key. SQLite gives a key that is asked for twice once, as a query does; over HTTP daprd fills the list up with empty entries.
    /// </summary>
    internal static IEnumerable<(string Key, StateItem? Item)> Answers(StateComponent component, IReadOnlyList<string> keys, StateItem?[] items)
    {
        var seen = component.AnswersOnce ? new HashSet<string>() : null;
        for (var i = 0; i < items.Length; i++)
            if (seen is null || items[i] is null || seen.Add(keys[i])) yield return (keys[i], items[i]);
    }

    internal static string Expiry(DateTimeOffset expires) => expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
