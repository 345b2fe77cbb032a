using Lepton.Contracts.Resources;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Secrets;
using Lepton.Sidecar.Workflow.Hub;

namespace Lepton.Sidecar.Resources;

/// <summary>The resources one app may use. What was faulty is in <see cref="Faults"/> and was left out, as daprd leaves it out.</summary>
internal sealed class ResourceSet(SecretStores secrets)
{
    internal Dictionary<string, Component> Components { get; private set; } = [];

    internal SecretStores Secrets { get; private set; } = secrets;

    internal List<Subscription> Subscriptions { get; private set; } = [];

    internal Dictionary<string, HttpEndpoint> Endpoints { get; } = [];

    internal List<ResiliencyResource> Resiliencies { get; } = [];

    internal Configuration Configuration { get; set; } = new();

    internal List<Fault> Faults { get; } = [];

    /// <summary>What nothing here serves and its resource says not to mind (`ignoreErrors`).</summary>
    internal List<string> Ignored { get; } = [];

    /// <summary>Takes the components and subscriptions of <paramref name="next"/>; a line for each that came, went or changed.</summary>
    internal IReadOnlyList<string> Take(ResourceSet next)
    {
        var changes = new List<string>();
        foreach (var kept in Components.Values.Where(c => c.HoldsActors && (!next.Components.TryGetValue(c.Name, out var now) || !now.SameAs(c))))
        {
            changes.Add($"component '{kept.Name}' holds actors and workflows and stays as it is until a restart");
            next.Components[kept.Name] = kept;
        }
        foreach (var now in next.Components.Values)
        {
            if (!Components.TryGetValue(now.Name, out var before)) changes.Add($"component '{now.Name}' ({now.Type}) is new");
            else if (!now.SameAs(before)) changes.Add($"component '{now.Name}' ({now.Type}) is changed");
        }
        changes.AddRange(Components.Keys.Except(next.Components.Keys).Select(name => $"component '{name}' is gone"));
        var subscribed = next.Subscriptions.Select(s => s.Text).ToHashSet();
        var known = Subscriptions.Select(s => s.Text).ToHashSet();
        changes.AddRange(subscribed.Except(known).Select(text => $"subscription to {text} is new"));
        changes.AddRange(known.Except(subscribed).Select(text => $"subscription to {text} is gone"));
        (Components, Secrets, Subscriptions) = (next.Components, next.Secrets, next.Subscriptions);
        return changes;
    }
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

    /// <summary>The APIs the app may call.</summary>
    internal ApiAccess Apis { get; init; } = new([], []);

    internal WorkflowSettings Workflow { get; init; } = new();
}
