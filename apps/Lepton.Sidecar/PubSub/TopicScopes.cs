using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>Which topics of a component an app may publish to and subscribe to.</summary>
internal sealed class TopicScopes(Component component, string appId)
{
    private readonly HashSet<string>? allowed = List(component["allowedTopics"]);
    private readonly HashSet<string> guarded = List(component["protectedTopics"]) ?? [];
    private readonly HashSet<string>? publish = Scope(component["publishingScopes"], appId);
    private readonly HashSet<string>? subscribe = Scope(component["subscriptionScopes"], appId);

    internal bool MayPublish(string topic) => May(topic, publish);

    internal bool MaySubscribe(string topic) => May(topic, subscribe);

    private bool May(string topic, HashSet<string>? scope)
    {
        if (scope is not null && scope.Contains(topic)) return allowed is null || allowed.Contains(topic);
        return scope is null && !guarded.Contains(topic) && (allowed is null || allowed.Contains(topic));
    }

    private static HashSet<string>? List(string? text) => text is null ? null : [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The topics of "app1=t1,t2;app2=" for one app; null when it is not listed.</summary>
    private static HashSet<string>? Scope(string? text, string appId)
    {
        HashSet<string>? topics = null;
        foreach (var entry in (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts[0] == appId) (topics ??= []).UnionWith(List(parts.Length > 1 ? parts[1] : "")!);
        }
        return topics;
    }
}
