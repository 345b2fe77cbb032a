using System.Collections.Concurrent;

namespace Lepton.Sidecar.Resiliency;

/// <summary>Finds the policies of a target: those its resource names, else the default policies by name, the more specific first.</summary>
internal sealed class Guards(IReadOnlyList<ResiliencyResource> resources, TimeProvider time)
{
    // As many breakers of single actors, and of an app's methods, as daprd keeps by default.
    private const int MostBreakers = 5000;

    private readonly ConcurrentDictionary<(string Kind, string Name), Guard> guards = new();
    private readonly ConcurrentDictionary<(string Type, string Id), Guard> actors = new();
    private readonly ConcurrentDictionary<(string App, string Method), Guard> methods = new();

    internal Guard Inbound(string component, string family) => guards.GetOrAdd(("inbound", component),
        _ => Find(r => r.Inbound.GetValueOrDefault(component), [$"{Capital(family)}ComponentInbound", "ComponentInbound", "Component", ""]));

    internal Guard Outbound(string component, string family) => guards.GetOrAdd(("outbound", component),
        _ => Find(r => r.Outbound.GetValueOrDefault(component), [$"{Capital(family)}ComponentOutbound", "ComponentOutbound", "Component", ""]));

    internal Guard App(string appId) => guards.GetOrAdd(("app", appId), _ => Find(r => r.Apps.GetValueOrDefault(appId), ["App", ""]));

    /// <summary>The policies of one method of an app: timeout and retry are the app's, a breaker is the method's own.</summary>
    internal Guard App(string appId, string method)
    {
        if (!App(appId).Breaks) return App(appId);
        if (methods.Count > MostBreakers) methods.Clear();
        return methods.GetOrAdd((appId, method), _ => Find(r => r.Apps.GetValueOrDefault(appId), ["App", ""]));
    }

    /// <summary>What stands around a call to an actor, its wait for the turn included: retry and the type's breaker. The time limit counts within the turn.</summary>
    internal Guard Actor(string type) => guards.GetOrAdd(("actor", type), _ => ActorTarget(type) is var (resource, names)
        ? Make(null, Named(names.Retry, resource.Retries), names.BreakerScope.PerType ? Named(names.Breaker, resource.Breakers) : null)
        : Make(null, Default(ActorLevels, "RetryPolicy", r => r.Retries), Default(ActorLevels, "CircuitBreakerPolicy", r => r.Breakers)));

    /// <summary>The breaker of one actor, where its type asks for that.</summary>
    internal Guard ActorId(string type, string id)
    {
        if (ActorTarget(type) is not ({ } resource, { BreakerScope.PerId: true, Breaker: { } breaker })) return Guard.None;
        if (actors.Count > MostBreakers) actors.Clear();
        return actors.GetOrAdd((type, id), _ => Make(null, null, Named(breaker, resource.Breakers)));
    }

    internal TimeSpan? ActorTimeout(string type)
    {
        if (resources.Count == 0) return null;
        var limit = ActorTarget(type) is var (resource, names)
            ? names.Timeout is { } name && resource.Timeouts.TryGetValue(name, out var length) ? length : TimeSpan.Zero
            : Default(ActorLevels, "TimeoutPolicy", r => r.Timeouts);
        return limit > TimeSpan.Zero ? limit : null;
    }

    private static readonly string[] ActorLevels = ["Actor", ""];

    private (ResiliencyResource Resource, PolicyNames Names)? ActorTarget(string type)
    {
        foreach (var resource in resources)
        {
            if (resource.Actors.GetValueOrDefault(type) is { } names) return (resource, names);
        }
        return null;
    }

    private static T? Named<T>(string? name, Dictionary<string, T> policies) where T : class => name is null ? null : policies.GetValueOrDefault(name);

    private Guard Find(Func<ResiliencyResource, PolicyNames?> target, string[] levels)
    {
        foreach (var resource in resources)
        {
            if (target(resource) is not { } names) continue;
            return Make(
                names.Timeout is { } t && resource.Timeouts.TryGetValue(t, out var timeout) ? timeout : null,
                names.Retry is { } r ? resource.Retries.GetValueOrDefault(r) : null,
                names.Breaker is { } b ? resource.Breakers.GetValueOrDefault(b) : null);
        }
        return Make(
            Default(levels, "TimeoutPolicy", r => r.Timeouts) is { } length && length > TimeSpan.Zero ? length : null,
            Default(levels, "RetryPolicy", r => r.Retries),
            Default(levels, "CircuitBreakerPolicy", r => r.Breakers));
    }

    private T? Default<T>(string[] levels, string suffix, Func<ResiliencyResource, Dictionary<string, T>> policies)
    {
        foreach (var level in levels)
            foreach (var resource in resources)
                if (policies(resource).TryGetValue($"Default{level}{suffix}", out var policy)) return policy;
        return default;
    }

    private Guard Make(TimeSpan? timeout, RetryPolicy? retry, BreakerPolicy? breaker) =>
        timeout is null && retry is null && breaker is null ? Guard.None : new Guard(timeout, retry, breaker is null ? null : new CircuitBreaker(breaker, time), time);

    private static string Capital(string family) => char.ToUpperInvariant(family[0]) + family[1..];
}
