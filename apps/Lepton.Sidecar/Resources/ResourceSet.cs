using Lepton.Contracts.Resources;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Secrets;
using Lepton.Sidecar.Workflow.Hub;

namespace Lepton.Sidecar.Resources;

/// <summary>The resources one app may use. What was faulty is in <see cref="Faults"/> and was left out, as daprd leaves it out.</summary>
internal sealed class ResourceSet(SecretStores secrets)
{
    internal Dictionary<string, Component> Components { get; } = [];

    internal SecretStores Secrets { get; } = secrets;

    internal List<Subscription> Subscriptions { get; } = [];

    internal Dictionary<string, HttpEndpoint> Endpoints { get; } = [];

    internal List<ResiliencyResource> Resiliencies { get; } = [];

    internal Configuration Configuration { get; set; } = new();

    internal List<Fault> Faults { get; } = [];
}

/// <summary>An address outside the run that apps invoke by name.</summary>
internal sealed record HttpEndpoint(string Name, string BaseUrl, IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <summary>What the configuration file switches.</summary>
internal sealed record Configuration
{
    /// <summary>0 leaves trace ids as they come; above it spans of our own are written into what passes.</summary>
    internal double SamplingRate { get; init; }

    /// <summary>What is switched on by name; daprd 1.18 has these from the start.</summary>
    internal IReadOnlyList<string> Features { get; init; } = DefaultFeatures;

    internal static readonly string[] DefaultFeatures = ["HotReload", "WorkflowsRemoteActivityReminder"];

    /// <summary>What the app may read of its secret stores; one that is not named is open.</summary>
    internal IReadOnlyList<SecretScope> SecretScopes { get; init; } = [];

    internal WorkflowSettings Workflow { get; init; } = new();
}
