namespace Lepton.Sidecar.Resources;

/// <summary>A Component resource as one app sees it: secrets and templates are filled in.</summary>
internal sealed record Component(string Name, string Type, string Version, IReadOnlyDictionary<string, string> Metadata)
{
    internal string? this[string key] => Metadata.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    /// <summary>"state" of "state.redis".</summary>
    internal string Family => Type.Split('.', 2)[0];

    internal bool InMemory => Type.EndsWith(".in-memory", StringComparison.Ordinal);
}
