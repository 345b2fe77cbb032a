using Lepton.Sidecar.Bindings;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Secrets;

namespace Lepton.Sidecar.Hosting;

/// <summary>Says at the start, one line each, what serves every component, and refuses types nothing serves.</summary>
internal static class StartLines
{
    internal static IEnumerable<string> For(VirtualSidecar sidecar, string database)
    {
        foreach (var fault in sidecar.Resources.Faults) yield return $"{sidecar.AppId}: left out: {fault}";
        foreach (var ignored in sidecar.Resources.Ignored) yield return $"{sidecar.AppId}: left out, as ignoreErrors says: {ignored}";
        foreach (var component in sidecar.Resources.Components.Values)
        {
            yield return $"{component.Type} '{component.Name}' of {sidecar.AppId}: {Served(component, database)}";
        }
        foreach (var endpoint in sidecar.Resources.Endpoints.Values)
            yield return $"HTTPEndpoint '{endpoint.Name}' of {sidecar.AppId}: real, {endpoint.BaseUrl}";
    }

    internal static string? Refusal(Component component) => component.Family is "state" or "pubsub" or "configuration" or "lock" || SecretStores.Serves(component.Type) || BindingSet.Serves(component.Type) ? null
        : $"component '{component.Name}' has type {component.Type}, which Lepton's embedded runtime does not serve. Remove it from the resources folder, limit it to other apps with `scopes`, or run the apps on Dapr itself.";

    private static string Served(Component component, string database) => component switch
    {
        { Family: "secretstores" or "bindings" } => "real",
        { InMemory: true } => "emulated, in memory",
        _ => $"emulated, durable, {database}",
    };
}
