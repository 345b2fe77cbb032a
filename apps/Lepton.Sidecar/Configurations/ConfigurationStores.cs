using System.Collections.Concurrent;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Configurations;

/// <summary>The configuration stores of a run: components with the same connection share one.</summary>
internal sealed class ConfigurationStores(Database database)
{
    private readonly ConcurrentDictionary<string, ConfigurationStore> stores = new();

    internal ConfigurationStore Of(Component component, string appId) => stores.GetOrAdd(World.Of(component, appId), world => new ConfigurationStore(world, database));
}
