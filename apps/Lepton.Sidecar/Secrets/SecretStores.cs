using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Secrets;

/// <summary>The secret stores of one app, for its resources and for its calls.</summary>
internal sealed class SecretStores(IReadOnlyDictionary<string, string> environment)
{
    private readonly Dictionary<string, SecretStore> stores = [];

    internal bool Any => stores.Count > 0;

    internal static bool Serves(string type) => type is "secretstores.local.env" or "secretstores.local.file";

    /// <exception cref="IOException">The secrets file cannot be read.</exception>
    /// <exception cref="System.Text.Json.JsonException">The secrets file holds no JSON object.</exception>
    internal void Add(Component component)
    {
        if (component.Type == "secretstores.local.env") stores[component.Name] = new EnvironmentSecrets(component, environment);
        else if (component is { Type: "secretstores.local.file" } && component["secretsFile"] is { } file) stores[component.Name] = new FileSecrets(component, file);
    }

    internal SecretStore? Find(string name) => stores.GetValueOrDefault(name);

    /// <summary>The value a resource refers to, or null.</summary>
    internal string? Find(string? store, string name, string key)
    {
        if (store is null || Find(store)?.Get(name) is not { } secret) return null;
        return secret.TryGetValue(key, out var value) || secret.TryGetValue(name, out value) ? value : Find(store)!.Get($"{name}:{key}")?.Values.FirstOrDefault();
    }
}
