using System.Collections.Concurrent;

namespace Lepton.Sidecar.Resiliency;

/// <summary>
/// Finds the policies of a target: those that are named for it, else the default policies by name, the more specific first. As in daprd all resources are one: a target may name
/// a policy of another resource, and of two with one name the later holds.
/// </summary>
internal sealed class Guards
{
    // As many breakers of single actors, and of an app's methods, as daprd keeps by default.
    private const int MostBreakers = 5000;

    private static readonly RetryPolicy BuiltInService = new() { Pause = TimeSpan.FromSeconds(1), MaxRetries = 3 };

    private readonly ResiliencyResource all;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<(string Kind, string Name), Guard> guards = new();
    private readonly ConcurrentDictionary<string, CircuitBreaker> breakers = new();
    private readonly ConcurrentDictionary<(string Type, string Id), Guard> actors = new();
    private readonly ConcurrentDictionary<(string App, string Method), Guard> methods = new();

    internal Guards(IReadOnlyList<ResiliencyResource> resources, TimeProvider time)
    {
        (all, this.time) = (new ResiliencyResource("all"), time);
        foreach (var resource in resources) all.Take(resource);
    }

    internal Guard Inbound(string component, string family) => guards.GetOrAdd(("inbound", component),
        _ => Component(component, all.Inbound, [$"{Capital(family)}ComponentInbound", "ComponentInbound", "Component", ""]));

    internal Guard Outbound(string component, string family) => guards.GetOrAdd(("outbound", component),
        _ => Component(component, all.Outbound, [$"{Capital(family)}ComponentOutbound", "ComponentOutbound", "Component", ""]));

    internal Guard App(string appId) => guards.GetOrAdd(("app", appId), _ => AppTarget(appId));

    /// <summary>How often another app's host is tried; null where policies are named for the app, which then hold alone. The built-in three tries may be made more.</summary>
    internal RetryPolicy? ServiceRetries(string appId) => all.Apps.ContainsKey(appId) ? null
        : all.Retries.TryGetValue("DaprBuiltInServiceRetries", out var policy) && policy.MaxRetries >= BuiltInService.MaxRetries ? policy
        : policy is null ? BuiltInService : policy with { MaxRetries = BuiltInService.MaxRetries };

    /// <summary>The policies of one method of an app: timeout and retry are the app's, a breaker is the method's own.</summary>
    internal Guard App(string appId, string method)
    {
        if (!App(appId).Breaks) return App(appId);
        if (methods.Count > MostBreakers) methods.Clear();
        return methods.GetOrAdd((appId, method), _ => AppTarget(appId));
    }

    /// <summary>What stands around a call to an actor, its wait for the turn included: retry and the type's breaker. The time limit counts within the turn.</summary>
    internal Guard Actor(string type) => guards.GetOrAdd(("actor", type), _ => all.Actors.GetValueOrDefault(type) is { } names
        ? Make(null, Named(names.Retry, all.Retries), names.BreakerScope.PerType ? New(Named(names.Breaker, all.Breakers)) : null)
        : Make(null, Default(ActorLevels, "RetryPolicy", all.Retries), New(Default(ActorLevels, "CircuitBreakerPolicy", all.Breakers))));

    /// <summary>The breaker of one actor, where its type asks for that.</summary>
    internal Guard ActorId(string type, string id)
    {
        if (all.Actors.GetValueOrDefault(type) is not { BreakerScope.PerId: true, Breaker: { } breaker }) return Guard.None;
        if (actors.Count > MostBreakers) actors.Clear();
        return actors.GetOrAdd((type, id), _ => Make(null, null, New(Named(breaker, all.Breakers))));
    }

    internal TimeSpan? ActorTimeout(string type)
    {
        var limit = all.Actors.GetValueOrDefault(type) is { } names ? Limit(names.Timeout) : Default(ActorLevels, "TimeoutPolicy", all.Timeouts);
        return limit > TimeSpan.Zero ? limit : null;
    }

    private static readonly string[] ActorLevels = ["Actor", ""];
    private static readonly string[] AppLevels = ["App", ""];

    private Guard AppTarget(string appId) => Find(all.Apps.GetValueOrDefault(appId), AppLevels, New);

    /// <summary>Both directions of a component share one breaker, that of whichever asks first.</summary>
    private Guard Component(string name, Dictionary<string, PolicyNames> targets, string[] levels) =>
        Find(targets.GetValueOrDefault(name), levels, policy => policy is null ? null : breakers.GetOrAdd(name, _ => new CircuitBreaker(policy, time)));

    private Guard Find(PolicyNames? names, string[] levels, Func<BreakerPolicy?, CircuitBreaker?> breaker) => names is null
        ? Make(Default(levels, "TimeoutPolicy", all.Timeouts), Default(levels, "RetryPolicy", all.Retries), breaker(Default(levels, "CircuitBreakerPolicy", all.Breakers)))
        : Make(Limit(names.Timeout), Named(names.Retry, all.Retries), breaker(Named(names.Breaker, all.Breakers)));

    private TimeSpan Limit(string? name) => name is null ? TimeSpan.Zero : all.Timeouts.GetValueOrDefault(name);

    private static T? Named<T>(string? name, Dictionary<string, T> policies) where T : class => name is null ? null : policies.GetValueOrDefault(name);

    private static T? Default<T>(string[] levels, string suffix, Dictionary<string, T> policies)
    {
        foreach (var level in levels)
            if (policies.TryGetValue($"Default{level}{suffix}", out var policy)) return policy;
        return default;
    }

    private CircuitBreaker? New(BreakerPolicy? policy) => policy is null ? null : new CircuitBreaker(policy, time);

    private Guard Make(TimeSpan? timeout, RetryPolicy? retry, CircuitBreaker? breaker)
    {
        if (timeout <= TimeSpan.Zero) timeout = null;
        return timeout is null && retry is null && breaker is null ? Guard.None : new Guard(timeout, retry, breaker, time);
    }

    private static string Capital(string family) => char.ToUpperInvariant(family[0]) + family[1..];
}
