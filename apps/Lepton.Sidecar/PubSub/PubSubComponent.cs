using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>A pub/sub component of one app: the emulated broker behind it and what the app may do there.</summary>
internal sealed class PubSubComponent(Component component, Broker broker, string appId, Guard guard)
{
    private const int DefaultConcurrency = 32;

    internal string Name => component.Name;

    internal bool InMemory => component.InMemory;

    internal Broker Broker { get; } = broker;

    /// <summary>The policies of publishing.</summary>
    internal Guard Guard { get; } = guard;

    internal TopicScopes Scopes { get; } = new(component, appId);

    /// <summary>The consumer group: the app id unless the component names another.</summary>
    internal string Consumer { get; } = component["consumerID"] ?? appId;

    internal int Concurrency { get; } = int.TryParse(component["concurrency"], out var number) && number > 0 ? number : DefaultConcurrency;

    internal static Dictionary<string, PubSubComponent> All(VirtualSidecar sidecar) => sidecar.Resources.Components.Values
        .Where(c => c.Family == "pubsub")
        .ToDictionary(c => c.Name, c => new PubSubComponent(c, sidecar.Runtime.Brokers.Of(c, sidecar.AppId), sidecar.AppId, sidecar.Guards.Outbound(c.Name, "pubsub")));
}
