namespace Lepton.Sidecar.Resources;

/// <summary>A Component resource as one app sees it: secrets and templates are filled in.</summary>
internal sealed record Component(string Name, string Type, string Version, IReadOnlyDictionary<string, string> Metadata)
{
    internal string? this[string key] => Metadata.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    /// <summary>A switch in the metadata, in any of the ways Dapr writes "yes".</summary>
    internal bool Says(string key) => Truth.IsOn(this[key]);

    /// <summary>"state" of "state.redis".</summary>
    internal string Family => Type.Split('.', 2)[0];

    internal bool SameAs(Component other) =>
        (Name, Type, Version) == (other.Name, other.Type, other.Version) && Metadata.Count == other.Metadata.Count
        && Metadata.All(entry => other.Metadata.TryGetValue(entry.Key, out var value) && value == entry.Value);

    /// <summary>It holds actors and workflows, which can't move while they run.</summary>
    internal bool HoldsActors => Family == "state" && Says("actorStateStore");

    internal bool InMemory => Type.EndsWith(".in-memory", StringComparison.Ordinal);
}
