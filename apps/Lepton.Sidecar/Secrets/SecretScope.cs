namespace Lepton.Sidecar.Secrets;

/// <summary>What the configuration lets an app read of one secret store.</summary>
internal sealed record SecretScope(string Store, bool DeniesByDefault, IReadOnlyList<string> Allowed, IReadOnlyList<string> Denied)
{
    internal bool Allows(string key) => Allowed.Count > 0 ? Allowed.Contains(key) : !Denied.Contains(key) && !DeniesByDefault;
}
