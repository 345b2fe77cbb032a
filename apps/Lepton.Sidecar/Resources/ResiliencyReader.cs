using System.Globalization;
using Lepton.Contracts.Resources;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads a Resiliency: named policies and the targets they hold for.</summary>
internal static class ResiliencyReader
{
    private const string Duration = "write it as 250ms, 30s or 5m";

    internal static void Read(YamlMap document, ResourceSet set)
    {
        var before = document.Faults.Count;
        var resource = new ResiliencyResource(document.RequiredMap("metadata", "write metadata with a name").RequiredText("name", "name the resource"));
        var spec = document.RequiredMap("spec", "write spec with policies and targets");
        var policies = spec.Map("policies");
        if (policies?.Map("timeouts") is { } timeouts)
            foreach (var name in timeouts.Keys) resource.Timeouts[name] = Length(timeouts, name, TimeSpan.Zero);
        if (policies?.Map("retries") is { } retries)
            foreach (var name in retries.Keys) if (retries.Map(name) is { } retry) resource.Retries[name] = Retry(retry);
        if (policies?.Map("circuitBreakers") is { } breakers)
            foreach (var name in breakers.Keys) if (breakers.Map(name) is { } breaker) resource.Breakers[name] = Breaker(breaker);

        var targets = spec.Map("targets");
        if (targets?.Map("apps") is { } apps)
            foreach (var id in apps.Keys) resource.Apps[id] = Target(apps.Map(id));
        if (targets?.Map("actors") is { } actors)
            foreach (var type in actors.Keys) resource.Actors[type] = ActorTarget(actors.Map(type));
        if (targets?.Map("components") is { } components)
        {
            foreach (var name in components.Keys)
            {
                // A component that is named has no default policies, in neither direction.
                var target = components.Map(name);
                resource.Inbound[name] = Target(target?.Map("inbound"));
                resource.Outbound[name] = Target(target?.Map("outbound"));
            }
        }
        if (document.Faults.Count == before) set.Resiliencies.Add(resource);
    }

    private static PolicyNames Target(YamlMap? target) => new(target?.Text("timeout"), target?.Text("retry"), target?.Text("circuitBreaker"));

    private static PolicyNames ActorTarget(YamlMap? target)
    {
        var names = Target(target);
        if (names.Breaker is null) return names;
        var scope = target!.Text("circuitBreakerScope");
        if (scope is not ("type" or "id" or "both")) target.Report("circuitBreakerScope", scope is null ? "is missing" : $"is '{scope}'", "write type, id or both");
        return names with { BreakerScope = (scope is "id" or "both", scope is not "id") };
    }

    private static RetryPolicy Retry(YamlMap retry)
    {
        var policy = retry.Text("policy", "constant")!;
        var exponential = policy.Equals("exponential", StringComparison.OrdinalIgnoreCase);
        if (!exponential && !policy.Equals("constant", StringComparison.OrdinalIgnoreCase)) retry.Report("policy", $"is '{policy}'", "write constant or exponential");
        var matching = retry.Map("matching");
        return new RetryPolicy
        {
            Exponential = exponential,
            Pause = Length(retry, "duration", TimeSpan.FromSeconds(5)),
            MaxInterval = Length(retry, "maxInterval", TimeSpan.FromSeconds(60)),
            MaxRetries = retry.WholeNumber("maxRetries", -1),
            HttpCodes = Codes(matching, "httpStatusCodes", 100, 599),
            GrpcCodes = Codes(matching, "gRPCStatusCodes", 0, 16),
        };
    }

    private static BreakerPolicy Breaker(YamlMap breaker)
    {
        var trip = breaker.Text("trip") ?? "consecutiveFailures > 5";
        if (Cel.Expression.Parse(trip, out var expression) is { } wrong)
        {
            breaker.Report("trip", $"is '{trip}' ({wrong})", "write it as consecutiveFailures > 5");
            expression = Cel.Expression.Never;
        }
        return new BreakerPolicy(breaker.WholeNumber("maxRequests", 1), Length(breaker, "interval", TimeSpan.Zero), Length(breaker, "timeout", TimeSpan.FromSeconds(60)), expression!);
    }

    private static CodeRanges? Codes(YamlMap? matching, string key, int least, int most)
    {
        if (matching?.Text(key) is not { Length: > 0 } text) return null;
        if (CodeRanges.Parse(text, least, most) is { } ranges) return ranges;
        matching.Report(key, $"is '{text}'", $"write codes and ranges from {least} to {most}, such as {(least == 0 ? "1-4,8" : "429,500-599")}");
        return null;
    }

    /// <summary>A Go duration, or a bare number of milliseconds.</summary>
    private static TimeSpan Length(YamlMap map, string key, TimeSpan otherwise)
    {
        if (map.Text(key) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)) return TimeSpan.FromMilliseconds(milliseconds);
        if (Durations.TryGo(text, out var length)) return length;
        map.Report(key, $"is '{text}', which is no length of time", Duration);
        return otherwise;
    }
}
