namespace Lepton.Sidecar.Resources;

/// <summary>The resources one app may use, by name.</summary>
internal sealed class ResourceSet
{
    internal Dictionary<string, Component> Components { get; } = [];
}
