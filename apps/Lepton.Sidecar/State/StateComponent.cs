using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.State;

/// <summary>A state component as the state API uses it: its store and how its keys are spelt there.</summary>
internal sealed class StateComponent(Component component, StateStore store, VirtualSidecar sidecar)
{
    internal const string PossibleMismatch = "possible etag mismatch. error from state store";
    private readonly string? prefix = Prefix(component, sidecar.AppId);

    internal string Name => component.Name;

    internal StateStore Store { get; } = store;

    /// <summary>What publishes its transactions, if it has an outbox.</summary>
    internal Outbox? Outbox { get; } = Outbox.Of(component, sidecar);

    /// <summary>The policies of writing.</summary>
    internal Guard Guard { get; } = sidecar.Guards.Outbound(component.Name, "statestore");

    internal bool InMemory => component.InMemory;

    /// <summary>A bulk get answers a key once, however often it is asked for.</summary>
    internal bool AnswersOnce => component.Type == "state.sqlite";

    /// <summary>The stored key, or null when the key holds `||`.</summary>
    internal string? Key(string key) => key.Contains("||", StringComparison.Ordinal) ? null : prefix is null ? key : $"{prefix}||{key}";

    /// <summary>What went wrong with an ETag, in the words of the emulated store.</summary>
    internal string Mismatch(StateConflictException conflict) => InMemory ? $"{PossibleMismatch}: {conflict.Message}" : PossibleMismatch;

    private static string? Prefix(Component component, string appId)
    {
        if (!component.Metadata.TryGetValue("keyPrefix", out var strategy)) return appId;
        return strategy.ToLowerInvariant() switch
        {
            "appid" => appId,
            "name" => component.Name,
            "none" => null,
            "namespace" => Environment.GetEnvironmentVariable("NAMESPACE") is { Length: > 0 } space ? $"{space}.{appId}" : appId,
            var other => other,
        };
    }

    internal static Dictionary<string, StateComponent> All(VirtualSidecar sidecar) => sidecar.Resources.Components.Values
        .Where(c => c.Family == "state")
        .ToDictionary(c => c.Name, c => new StateComponent(c, sidecar.StateStores[c.Name], sidecar));
}
