using System.Text.Json;
using Lepton.Contracts.Resources;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Secrets;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads a Component and says so when its type is not served here.</summary>
internal static class ComponentReader
{
    internal static void Read(YamlMap document, ValueReader values, SecretStores secrets, ResourceSet set)
    {
        var before = set.Faults.Count;
        var name = document.RequiredMap("metadata", "write metadata with a name").RequiredText("name", "name the component");
        var spec = document.RequiredMap("spec", "write spec with type, version and metadata");
        var type = spec.RequiredText("type", "write a type such as state.redis");
        var store = document.Map("auth")?.Text("secretStore");
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in spec.Maps("metadata")) metadata[item.RequiredText("name", "name the metadata item")] = values.Read(item, store);
        foreach (var fault in document.Faults) if (!set.Faults.Contains(fault)) set.Faults.Add(fault);
        if (set.Faults.Count > before) return;

        var component = new Component(name, type, spec.Text("version") ?? "", metadata);
        if (StartLines.Refusal(component) is { } refusal && spec.Flag("ignoreErrors", false))
        {
            set.Ignored.Add(refusal);
            return;
        }
        if (!set.Components.TryAdd(name, component))
        {
            document.Report("metadata", $"names '{name}', which another component has", "give each component a name of its own");
            return;
        }
        if (component.Family != "secretstores") return;
        try
        {
            secrets.Add(component);
        }
        catch (Exception fault) when (fault is IOException or JsonException or UnauthorizedAccessException)
        {
            document.Report("spec", $"names a secrets file that cannot be read ({fault.Message})", "check secretsFile");
        }
    }
}
