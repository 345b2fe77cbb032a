using System.Collections.Concurrent;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Locks;

/// <summary>The lock API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class LockApi(VirtualSidecar sidecar)
{
    private readonly ConcurrentDictionary<string, LockStore> stores = new();

    internal async Task<(bool Taken, ApiError? Error)> TryLockAsync(string name, string resource, string owner, int seconds)
    {
        if (seconds <= 0) return (false, Malformed($"ExpiryInSeconds is not positive in lock store {name}"));
        if (Find(name, resource, owner, out var store) is { } error) return (false, error);
        if (resource.Contains("||", StringComparison.Ordinal)) return (false, Failed(IllegalKey(resource)));
        try
        {
            return (await Guard(name).CallAsync(() => store.TakeAsync(Key(resource), owner, TimeSpan.FromSeconds(seconds))).ConfigureAwait(false), null);
        }
        catch (StorageException fault)
        {
            return (false, Failed(fault.Message));
        }

        static ApiError Failed(string cause) => new(500, "ERR_TRY_LOCK", $"failed to try acquiring lock: {cause}", StatusCode.Internal);
    }

    internal async Task<(Unlocked Status, ApiError? Error)> UnlockAsync(string name, string resource, string owner)
    {
        if (Find(name, resource, owner, out var store) is { } error) return (default, error);
        if (resource.Contains("||", StringComparison.Ordinal)) return (default, Failed(IllegalKey(resource)));
        try
        {
            return (await Guard(name).CallAsync(() => store.ReleaseAsync(Key(resource), owner)).ConfigureAwait(false), null);
        }
        catch (StorageException fault)
        {
            return (default, Failed(fault.Message));
        }

        static ApiError Failed(string cause) => new(500, "ERR_UNLOCK", $"failed to release lock: {cause}", StatusCode.Internal);
    }

    private Guard Guard(string store) => sidecar.Guards.Outbound(store, "lock");

    private string Key(string resource) => $"lock||{sidecar.AppId}||{resource}";

    private static string IllegalKey(string resource) => $"input key/keyPrefix '{resource}' can't contain '||'";

    /// <summary>daprd looks for any store, then at what is asked for, then for the store that is meant.</summary>
    private ApiError? Find(string name, string resource, string owner, out LockStore store)
    {
        store = null!;
        var components = sidecar.Resources.Components.Values.Where(static c => c.Family == "lock").ToList();
        if (components.Count == 0) return new(500, "ERR_LOCK_STORE_NOT_CONFIGURED", "lock store is not configured", StatusCode.FailedPrecondition);
        if (resource.Length == 0) return Malformed($"ResourceId is empty in lock store {name}");
        if (owner.Length == 0) return Malformed($"LockOwner is empty in lock store {name}");
        if (components.Find(c => c.Name == name) is not { } component) return new(400, "ERR_LOCK_STORE_NOT_FOUND", $"lock store {name} not found", StatusCode.InvalidArgument);
        store = stores.GetOrAdd(World.Of(component, sidecar.AppId), made => new LockStore(made, sidecar.Runtime.DatabaseOf(component), sidecar.Runtime.Time));
        return null;
    }

    internal static ApiError Malformed(string cause) => new(400, "ERR_MALFORMED_REQUEST", cause, StatusCode.InvalidArgument);
}
