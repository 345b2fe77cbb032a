using System.Collections.Concurrent;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Locks;

/// <summary>The lock API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class LockApi(VirtualSidecar sidecar)
{
    private readonly ConcurrentDictionary<string, LockStore> stores = new();

    internal async Task<(bool Taken, ApiError? Error)> TryLockAsync(string name, string resource, string owner, int seconds)
    {
        var error = Find(name, out var store) ?? Check(name, resource, owner);
        if (error is null && seconds <= 0) error = Malformed($"ExpiryInSeconds is not positive in lock store {name}");
        if (error is not null) return (false, error);
        try
        {
            return (await store.TakeAsync(Key(resource), owner, TimeSpan.FromSeconds(seconds)).ConfigureAwait(false), null);
        }
        catch (StorageException fault)
        {
            return (false, new(500, "ERR_TRY_LOCK", $"failed to try acquiring lock: {fault.Message}", StatusCode.Internal));
        }
    }

    internal async Task<(Unlocked Status, ApiError? Error)> UnlockAsync(string name, string resource, string owner)
    {
        var error = Find(name, out var store) ?? Check(name, resource, owner);
        if (error is not null) return (default, error);
        try
        {
            return (await store.ReleaseAsync(Key(resource), owner).ConfigureAwait(false), null);
        }
        catch (StorageException fault)
        {
            return (default, new(500, "ERR_UNLOCK", $"failed to release lock: {fault.Message}", StatusCode.Internal));
        }
    }

    private string Key(string resource) => $"lock||{sidecar.AppId}||{resource}";

    private ApiError? Find(string name, out LockStore store)
    {
        store = null!;
        var components = sidecar.Resources.Components.Values.Where(static c => c.Family == "lock").ToList();
        if (components.Find(c => c.Name == name) is { } component)
        {
            var world = World.Of(component, sidecar.AppId);
            store = stores.GetOrAdd(world, made => new LockStore(made, sidecar.Runtime.DatabaseOf(component), sidecar.Runtime.Time));
            return null;
        }
        return components.Count == 0
            ? new(500, "ERR_LOCK_STORE_NOT_CONFIGURED", "lock store is not configured", StatusCode.FailedPrecondition)
            : new(400, "ERR_LOCK_STORE_NOT_FOUND", $"lock store {name} not found", StatusCode.InvalidArgument);
    }

    private static ApiError? Check(string name, string resource, string owner) =>
        resource.Length == 0 ? Malformed($"ResourceId is empty in lock store {name}") : owner.Length == 0 ? Malformed($"LockOwner is empty in lock store {name}") : null;

    internal static ApiError Malformed(string cause) => new(400, "ERR_MALFORMED_REQUEST", cause, StatusCode.InvalidArgument);
}
