using System.Collections;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Secrets;

/// <summary>The environment of the app, then that of the runtime. What belongs to Dapr itself reads as empty, as does what is not set.</summary>
internal sealed class EnvironmentSecrets(Component component, IReadOnlyDictionary<string, string> environment) : SecretStore
{
    private readonly string prefix = component["prefix"] ?? "";

    internal override IReadOnlyDictionary<string, string> Get(string key)
    {
        var name = prefix + key;
        var value = IsDaprs(name) ? null : environment.TryGetValue(name, out var own) ? own : Environment.GetEnvironmentVariable(name);
        return Single(key, value ?? "");
    }

    internal override IEnumerable<string> Keys => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(static variable => (string)variable.Key)
        .Union(environment.Keys).Where(name => (prefix.Length == 0 || (name.Length > prefix.Length && name.StartsWith(prefix, StringComparison.Ordinal))) && !IsDaprs(name)).Select(name => name[prefix.Length..]);

    private static bool IsDaprs(string name) =>
        name.StartsWith("DAPR_", StringComparison.OrdinalIgnoreCase) || name.Equals("APP_API_TOKEN", StringComparison.OrdinalIgnoreCase);
}
