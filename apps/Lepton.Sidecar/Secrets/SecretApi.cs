using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;

namespace Lepton.Sidecar.Secrets;

/// <summary>The secrets API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class SecretApi(VirtualSidecar sidecar)
{
    internal async Task<(IReadOnlyDictionary<string, string>? Secret, ApiError? Error)> GetAsync(string store, string key)
    {
        if (Find(store, out var found) is { } missing) return (null, missing);
        if (!MayRead(store, key)) return (null, new(403, "ERR_PERMISSION_DENIED", $"access denied by policy to get \"{key}\" from \"{store}\"", StatusCode.PermissionDenied));
        var (secret, refusal) = await Guard(store).RunAsync(_ =>
        {
            var values = found.Get(key);
            return Task.FromResult(new Attempt<IReadOnlyDictionary<string, string>?>(values, values is null ? Verdict.Failed : Verdict.Final));
        }, null, sidecar.Stopping).ConfigureAwait(false);
        if (secret is not null) return (secret, null);
        var cause = refusal == Refusal.None ? $"secret {key} not found" : refusal.Text();
        return (null, new(500, "ERR_SECRET_GET", $"failed getting secret with key {key} from secret store {store}: {cause}", StatusCode.Internal));
    }

    internal async Task<(IReadOnlyList<(string Key, IReadOnlyDictionary<string, string> Values)> Secrets, ApiError? Error)> AllAsync(string store)
    {
        if (Find(store, out var found) is { } missing) return ([], missing);
        var (all, refusal) = await Guard(store).RunAsync(
            _ => Task.FromResult(new Attempt<IReadOnlyList<(string, IReadOnlyDictionary<string, string>)>>([.. found.Keys.Select(key => (key, found.Get(key)!))], Verdict.Final)), null, sidecar.Stopping).ConfigureAwait(false);
        return refusal == Refusal.None
            ? ([.. all!.Where(secret => MayRead(store, secret.Item1))], null)
            : ([], new(500, "ERR_SECRET_GET", $"failed getting secrets from secret store {store}: {refusal.Text()}", StatusCode.Internal));
    }

    private Guard Guard(string store) => sidecar.Guards.Outbound(store, "secretstore");

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
