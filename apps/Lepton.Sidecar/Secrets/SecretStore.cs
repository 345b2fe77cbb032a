namespace Lepton.Sidecar.Secrets;

/// <summary>Where secrets come from. A secret has one or several named values; one with a single value has the secret's name for it.</summary>
internal abstract class SecretStore
{
    /// <summary>The values of a secret, or null when there is no such secret.</summary>
    internal abstract IReadOnlyDictionary<string, string>? Get(string key);

    /// <summary>All names.</summary>
    internal abstract IEnumerable<string> Keys { get; }

    protected static IReadOnlyDictionary<string, string> Single(string key, string value) => new Dictionary<string, string> { [key] = value };
}
