using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>The subscriptions of one app: declared in resources, told by the app, or opened as streams.</summary>
internal sealed class SubscriptionSet
{
    private readonly Lock gate = new();
    private readonly List<Subscriber> running = [];
    private readonly List<Subscription> streams = [];
    private readonly VirtualSidecar sidecar;

    // Asked for once, as daprd does: an app that becomes healthy again has the subscriptions it had.
    private List<Subscription>? programmatic;

    internal SubscriptionSet(VirtualSidecar sidecar)
    {
        this.sidecar = sidecar;
        Components = PubSubComponent.All(sidecar);
        sidecar.SubscriptionList = List;
        sidecar.WhenAppHealthy(StartAsync);
        sidecar.WhenAppUnhealthy(StopAsync);
        sidecar.WhenReloaded(ReloadAsync);
    }

    internal Dictionary<string, PubSubComponent> Components { get; private set; }

    internal void AddStream(Subscription subscription)
    {
        lock (gate) streams.Add(subscription);
    }

    internal void RemoveStream(Subscription subscription)
    {
        lock (gate) streams.Remove(subscription);
    }

    private List<Subscription> List()
    {
        lock (gate) return [.. Wanted(), .. streams];
    }

    /// <summary>What is declared and told, one for a topic: of several declared ones the first, in its place what the app tells, and the last of that.</summary>
    private List<Subscription> Wanted()
    {
        var wanted = new List<Subscription>();
        foreach (var subscription in sidecar.Resources.Subscriptions.Concat(programmatic ?? []))
        {
            var at = wanted.FindIndex(other => other.PubSub == subscription.PubSub && other.Topic == subscription.Topic);
            if (at < 0) wanted.Add(subscription);
            else if (subscription.Kind == SubscriptionKind.Programmatic) wanted[at] = subscription;
        }
        return wanted;
    }

    /// <summary>What the app says it subscribes to; null when that cannot be used.</summary>
    private async Task<List<Subscription>?> ToldAsync(CancellationToken stop)
    {
        var told = await (sidecar.App.IsGrpc ? GrpcSubscriptions.ReadAsync(sidecar, stop) : ProgrammaticSubscriptions.ReadAsync(sidecar, stop)).ConfigureAwait(false);
        if (told?.Select(Routing.Fault).FirstOrDefault(static fault => fault is not null) is not { } wrong) return told;
        sidecar.Runtime.Log($"{sidecar.AppId}: {wrong}");
        return null;
    }

    private async Task StartAsync(CancellationToken stop)
    {
        if (Components.Count == 0 || !sidecar.App.Exists) return;
        programmatic ??= await ToldAsync(stop).ConfigureAwait(false);
        if (programmatic is null)
        {
            // As in daprd: with a part of what the app wants unknown nothing is delivered to it.
            sidecar.Runtime.Log($"{sidecar.AppId}: what the app subscribes to cannot be used; it gets no events, declared subscriptions included, until it restarts");
            return;
        }
        foreach (var subscription in Wanted())
        {
            if (Make(subscription) is not { } subscriber) continue;
            subscriber.Open();
            subscriber.Start();
            lock (gate) running.Add(subscriber);
        }
    }

    private Subscriber? Make(Subscription subscription)
    {
        if (!Components.TryGetValue(subscription.PubSub, out var component))
        {
            sidecar.Runtime.Log($"{sidecar.AppId}: no subscription to '{subscription.Topic}': there is no pub/sub component '{subscription.PubSub}'");
            return null;
        }
        if (!component.Scopes.MaySubscribe(subscription.Topic))
        {
            sidecar.Runtime.Log($"{sidecar.AppId}: no subscription to '{subscription.Topic}': the scopes of '{subscription.PubSub}' do not allow it");
            return null;
        }
        return subscription.Bulk is null
            ? new SingleSubscriber(sidecar, component, subscription, waits => sidecar.App.IsGrpc
                ? new GrpcSender(sidecar.App, component.Name, subscription.Topic, waits)
                : new HttpSender(sidecar.App, component.Name, waits))
            : new BulkSubscriber(sidecar, component, subscription);
    }

    private async Task ReloadAsync(CancellationToken stop)
    {
        await StopAsync().ConfigureAwait(false);
        Components = PubSubComponent.All(sidecar);
        if (sidecar.State.Healthy) await StartAsync(stop).ConfigureAwait(false);
    }

    private Task StopAsync()
    {
        Subscriber[] all;
        lock (gate)
        {
            all = [.. running];
            running.Clear();
        }
        return Task.WhenAll(all.Select(s => s.StopAsync(sidecar.Runtime.Grace(sidecar.Options))));
    }
}
