using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;

namespace Lepton.Sidecar.Configurations;

/// <summary>The configuration API of one sidecar, the same for HTTP and gRPC.</summary>
internal sealed class ConfigurationApi
{
    private readonly ConcurrentDictionary<string, ConfigurationSubscription> subscriptions = new();
    private readonly VirtualSidecar sidecar;

    internal ConfigurationApi(VirtualSidecar sidecar) => this.sidecar = sidecar;

    /// <summary>There is an app that changes can be posted to.</summary>
    internal bool HasApp => sidecar.App.Exists;

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

    /// <summary>Ends a subscription; false when there is none of that id.</summary>
    internal bool Unsubscribe(string id)
    {
        if (!subscriptions.TryRemove(id, out var subscription)) return false;
        subscription.Dispose();
        return true;
    }

    /// <summary>Hands the changes of a subscription to the app's route, one after the other, until it ends. A change the app does not take is lost.</summary>
    internal async Task PostAsync(string store, ConfigurationSubscription subscription)
    {
        try
        {
            await foreach (var (key, item) in subscription.Changes.ReadAllAsync(sidecar.Stopping).ConfigureAwait(false))
            {
                var update = ConfigurationJson.Update(subscription.Id, key, item);
                var (fault, refusal) = await sidecar.Guards.Inbound(store, "configuration").RunAsync(stop => PostAsync(store, key, update, stop), null, sidecar.Stopping).ConfigureAwait(false);
                if (refusal != Refusal.None) fault = refusal.Text();
                if (fault is not null) sidecar.Runtime.Log($"{sidecar.AppId}: the app did not take a change of '{key}' in '{store}': {fault}");
            }
        }
        catch (OperationCanceledException)
        {
            Unsubscribe(subscription.Id);
        }
    }

    private async Task<Attempt<string?>> PostAsync(string store, string key, byte[] update, CancellationToken stop)
    {
        using var request = sidecar.App.Request(HttpMethod.Post, $"/configuration/{Uri.EscapeDataString(store)}/{Uri.EscapeDataString(key)}");
        request.Content = new ByteArrayContent(update);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        try
        {
            using var answer = await sidecar.App.SendAsync(request, stop).ConfigureAwait(false);
            return answer.StatusCode == System.Net.HttpStatusCode.OK ? new(null, Verdict.Final) : new($"it answered {(int)answer.StatusCode}", Verdict.Failed);
        }
        catch (HttpRequestException fault)
        {
            return new(fault.Message, Verdict.Failed);
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
