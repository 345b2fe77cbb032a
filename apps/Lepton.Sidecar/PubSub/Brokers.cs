using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.PubSub;

/// <summary>The brokers of a run: components with the same connection share one.</summary>
internal sealed class Brokers(Database database, TimeProvider time)
{
    private readonly Dictionary<string, Broker> brokers = [];

    internal Broker Of(Component component, string appId)
    {
        var world = World.Of(component, appId);
        if (!brokers.TryGetValue(world, out var broker)) brokers[world] = broker = component.InMemory ? new MemoryBroker(time) : new DurableBroker(world, database, time, wildcards: component.Type == "pubsub.mqtt3");
        return broker;
    }

    /// <summary>Every inbox with the broker it belongs to.</summary>
    internal IEnumerable<(string Broker, Inbox Inbox)> Inboxes => brokers.SelectMany(b => b.Value.Inboxes.Select(i => (b.Key, i)));
}
