using System.Collections.Concurrent;

namespace Lepton.Sidecar.Resiliency;

/// <summary>Finds the policies of a target: those its resource names, else the default policies by name, the more specific first.</summary>
internal sealed class Guards(IReadOnlyList<ResiliencyResource> resources, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Kind, string Name), Guard> guards = new();

    internal Guard Inbound(string component, string family) => guards.GetOrAdd(("inbound", component),
        _ => Find(r => r.Inbound.GetValueOrDefault(component), [$"{Capital(family)}ComponentInbound", "ComponentInbound", "Component", ""]));

    internal Guard Outbound(string component, string family) => guards.GetOrAdd(("outbound", component),
        _ => Find(r => r.Outbound.GetValueOrDefault(component), [$"{Capital(family)}ComponentOutbound", "ComponentOutbound", "Component", ""]));

    internal Guard App(string appId) => guards.GetOrAdd(("app", appId), _ => Find(r => r.Apps.GetValueOrDefault(appId), ["App", ""]));

    internal Guard Actor(string type) => guards.GetOrAdd(("actor", type), _ => Find(r => r.Actors.GetValueOrDefault(type), ["Actor", ""]));

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
