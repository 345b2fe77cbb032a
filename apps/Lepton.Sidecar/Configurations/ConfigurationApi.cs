using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.Configurations;

/// <summary>The configuration API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class ConfigurationApi
{
    private readonly ConcurrentDictionary<string, ConfigurationSubscription> subscriptions = new();
    private readonly VirtualSidecar sidecar;

    internal ConfigurationApi(VirtualSidecar sidecar) => this.sidecar = sidecar;

    internal ApiError? Find(string name, out ConfigurationStore store)
    {
        store = null!;
        var components = sidecar.Resources.Components.Values.Where(static c => c.Family == "configuration").ToList();
        if (components.Find(c => c.Name == name) is { } component)
        {
            store = sidecar.Runtime.Configurations.Of(component, sidecar.AppId);
            return null;
        }
        return components.Count == 0
            ? new(500, "ERR_CONFIGURATION_STORE_NOT_CONFIGURED", "configuration stores not configured", StatusCode.FailedPrecondition)
            : new(400, "ERR_CONFIGURATION_STORE_NOT_FOUND", $"configuration store {name} not found", StatusCode.InvalidArgument);
    }

    internal ConfigurationSubscription Subscribe(ConfigurationStore store, IReadOnlyList<string> keys)
    {
        var subscription = new ConfigurationSubscription(store, keys);
        subscriptions[subscription.Id] = subscription;
        return subscription;
    }

    /// <returns>What went wrong, or null.</returns>
    internal string? Unsubscribe(string id)
    {
        if (!subscriptions.TryRemove(id, out var subscription)) return $"failed to unsubscribe to configuration request {id}: subscription with id {id} does not exist";
        subscription.Dispose();
        return null;
    }

    /// <summary>Hands the changes of a subscription to the app's route, one after the other, until it ends. A change the app does not take is lost.</summary>
    internal async Task PostAsync(string store, ConfigurationSubscription subscription)
    {
        try
        {
            await foreach (var (key, item) in subscription.Changes.ReadAllAsync(sidecar.Stopping).ConfigureAwait(false))
            {
                using var request = sidecar.App.Request(HttpMethod.Post, $"/configuration/{Uri.EscapeDataString(store)}/{Uri.EscapeDataString(key)}");
                request.Content = new ByteArrayContent(ConfigurationJson.Update(subscription.Id, key, item));
                request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
                try
                {
                    using var answer = await sidecar.App.SendAsync(request, sidecar.Stopping).ConfigureAwait(false);
                    if (!answer.IsSuccessStatusCode) sidecar.Runtime.Log($"{sidecar.AppId}: the app answered {(int)answer.StatusCode} to a change of '{key}' in '{store}'");
                }
                catch (HttpRequestException fault)
                {
                    sidecar.Runtime.Log($"{sidecar.AppId}: the app did not take a change of '{key}' in '{store}': {fault.Message}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            Unsubscribe(subscription.Id);
        }
    }
}

/// <summary>A wish to be told of changes; the oldest are dropped for one who does not read them.</summary>
internal sealed class ConfigurationSubscription : IDisposable
{
    private const int MostWaiting = 1_000;
    private readonly Channel<(string Key, ConfigurationItem Item)> changes =
        Channel.CreateBounded<(string, ConfigurationItem)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly ConfigurationStore store;
    private readonly IReadOnlyList<string> keys;

    internal ConfigurationSubscription(ConfigurationStore store, IReadOnlyList<string> keys)
    {
        (this.store, this.keys) = (store, keys);
        store.Changed += Note;
    }

    internal string Id { get; } = Guid.NewGuid().ToString();

    internal ChannelReader<(string Key, ConfigurationItem Item)> Changes => changes.Reader;

    private void Note(string key, ConfigurationItem item)
    {
        if (keys.Count == 0 || keys.Contains(key)) changes.Writer.TryWrite((key, item));
    }

    public void Dispose()
    {
        store.Changed -= Note;
        changes.Writer.TryComplete();
    }
}
