using System.Text.Json;
using Lepton.Sidecar.Cel;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>Where an event of a subscription goes: the first rule that holds, in the order given.</summary>
internal sealed class Routing
{
    private readonly (Expression? Rule, string Path)[] routes;

    private Routing((Expression?, string)[] routes) => this.routes = routes;

    /// <summary>Reads the rules. Over HTTP paths begin with a slash; an app that speaks gRPC is told them as it wrote them.</summary>
    internal static Routing Of(Subscription subscription, bool http, Action<string> log)
    {
        var routes = new List<(Expression?, string)>();
        foreach (var rule in subscription.Rules)
        {
            Expression? expression = null;
            if (rule.Match.Length > 0 && Expression.Parse(rule.Match, out expression) is { } wrong)
            {
                log($"{About(subscription, rule, wrong)}; events it would have routed go on to the next rule");
                continue;
            }
            routes.Add((expression, !http || rule.Path.StartsWith('/') ? rule.Path : "/" + rule.Path));
        }
        return new Routing([.. routes]);
    }

    /// <summary>The first rule that is no expression, with what is wrong; null when all can be used.</summary>
    internal static string? Fault(Subscription subscription)
    {
        foreach (var rule in subscription.Rules)
            if (rule.Match.Length > 0 && Expression.Parse(rule.Match, out _) is { } wrong) return About(subscription, rule, wrong);
        return null;
    }

    private static string About(Subscription subscription, RouteRule rule, string wrong) =>
        $"subscription to '{subscription.Topic}' of '{subscription.PubSub}': rule '{rule.Match}' cannot be used ({wrong})";

    /// <summary>The path; null when no rule holds.</summary>
    /// <exception cref="CelException">A rule failed on this event: it is an error, not a rule that does not hold.</exception>
    internal string? PathOf(ReadOnlyMemory<byte> cloudEvent)
    {
        if (routes is [{ Rule: null }, ..]) return routes[0].Path;
        using var document = JsonDocument.Parse(cloudEvent);
        var root = document.RootElement;
        foreach (var (rule, path) in routes)
            if (rule is null || rule.Holds(name => name == "event" ? root : throw new CelException($"undeclared reference to '{name}'"))) return path;
        return null;
    }
}
