using System.Text.Json;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.State;

namespace Lepton.Sidecar.Secrets;

/// <summary>
/// A JSON file of secrets. Plain: each leaf is a secret named by its path. Multi-valued: each object at the top is a secret with the leaves below as its
/// values, and only texts beside them count.
/// </summary>
internal sealed class FileSecrets : SecretStore
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> secrets = [];

    internal FileSecrets(Component component, string file)
    {
        var separator = component["nestedSeparator"] ?? ":";
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("it holds no JSON object");
        if (component.Says("multiValued"))
        {
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.String) secrets[member.Name] = Single(member.Name, member.Value.GetString()!);
                else if (member.Value.ValueKind == JsonValueKind.Object) secrets[member.Name] = Leaves(member.Value, separator);
            }
            return;
        }
        foreach (var (name, value) in Leaves(document.RootElement, separator)) secrets[name] = Single(name, value);
    }

    internal override IReadOnlyDictionary<string, string>? Get(string key) => secrets.GetValueOrDefault(key);

    internal override IEnumerable<string> Keys => secrets.Keys;

    private static Dictionary<string, string> Leaves(JsonElement root, string separator)
    {
        var leaves = new Dictionary<string, string>();
        Add(root, "");
        return leaves;

        void Add(JsonElement element, string path)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in element.EnumerateObject()) Add(member.Value, path.Length == 0 ? member.Name : path + separator + member.Name);
                    break;
                case JsonValueKind.Array:
                    for (var i = 0; i < element.GetArrayLength(); i++) Add(element[i], $"{path}{separator}{i}");
                    break;
                default:
                    leaves[path] = Text(element);
                    break;
            }
        }
    }

    /// <summary>What is no text takes the form daprd gives it, so that an app sees the same on both.</summary>
    private static string Text(JsonElement leaf) => leaf.ValueKind switch
    {
        JsonValueKind.String => leaf.GetString()!,
        JsonValueKind.Number => $"%!s(float64={GoJson.Number(leaf.GetDouble())})",
        JsonValueKind.True => "%!s(bool=true)",
        JsonValueKind.False => "%!s(bool=false)",
        _ => "%!s(<nil>)",
    };
}
