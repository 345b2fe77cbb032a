using System.Text.Json;

namespace Lepton.Sidecar.Resources;

/// <summary>The secret stores resources may refer to: a local JSON file or the environment.</summary>
internal sealed class SecretStores(IReadOnlyDictionary<string, string> environment)
{
    private readonly Dictionary<string, Func<string, string?>> stores = [];

    internal void Add(Component component)
    {
        if (component.Type == "secretstores.local.env")
        {
            var prefix = component["prefix"] ?? "";
            stores[component.Name] = key => environment.TryGetValue(prefix + key, out var value) ? value : Environment.GetEnvironmentVariable(prefix + key);
        }
        else if (component.Type == "secretstores.local.file" && component["secretsFile"] is { } file)
        {
            var secrets = new Dictionary<string, string>();
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            Flatten(document.RootElement, "", component["nestedSeparator"] ?? ":", secrets);
            stores[component.Name] = secrets.GetValueOrDefault;
        }
    }

    internal string? Find(string? store, string name, string key)
    {
        if (store is null || !stores.TryGetValue(store, out var find)) return null;
        return find(name) ?? find($"{name}:{key}") ?? find(key);
    }

    private static void Flatten(JsonElement element, string path, string separator, Dictionary<string, string> into)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            into[path] = element.ToString();
            return;
        }
        foreach (var member in element.EnumerateObject()) Flatten(member.Value, path.Length == 0 ? member.Name : path + separator + member.Name, separator, into);
    }
}
