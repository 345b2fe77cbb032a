using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Secrets;

/// <summary>The secrets API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class SecretApi(VirtualSidecar sidecar)
{
    internal ApiError? Get(string store, string key, out IReadOnlyDictionary<string, string> secret)
    {
        secret = null!;
        if (Find(store, out var found) is { } missing) return missing;
        if (!MayRead(store, key)) return new(403, "ERR_PERMISSION_DENIED", $"access denied by policy to get \"{key}\" from \"{store}\"", StatusCode.PermissionDenied);
        if (found.Get(key) is { } values)
        {
            secret = values;
            return null;
        }
        return new(500, "ERR_SECRET_GET", $"failed getting secret with key {key} from secret store {store}: secret {key} not found", StatusCode.Internal);
    }

    internal ApiError? All(string store, out IReadOnlyList<(string Key, IReadOnlyDictionary<string, string> Values)> secrets)
    {
        secrets = [];
        if (Find(store, out var found) is { } missing) return missing;
        secrets = [.. found.Keys.Where(key => MayRead(store, key)).Select(key => (key, found.Get(key)!))];
        return null;
    }

    private ApiError? Find(string name, out SecretStore store)
    {
        var stores = sidecar.Resources.Secrets;
        store = stores.Find(name)!;
        if (store is not null) return null;
        return stores.Any
            ? new(401, "ERR_SECRET_STORE_NOT_FOUND", $"failed finding secret store with key {name}", StatusCode.InvalidArgument)
            : new(500, "ERR_SECRET_STORES_NOT_CONFIGURED", "secret store is not configured", StatusCode.FailedPrecondition);
    }

    private bool MayRead(string store, string key) => sidecar.Resources.Configuration.SecretScopes.FirstOrDefault(scope => scope.Store == store)?.Allows(key) != false;
}
