using Lepton.Contracts.Resources;

namespace Lepton.Sidecar.Resources;

/// <summary>Reads a declarative Subscription of either version.</summary>
internal static class SubscriptionReader
{
    internal static void Read(YamlMap document, ResourceSet set)
    {
        var before = document.Faults.Count;
        var spec = document.RequiredMap("spec", "write spec with pubsubname, topic and a route");
        var pubsub = spec.RequiredText("pubsubname", "name the pub/sub component");
        var topic = spec.RequiredText("topic", "name the topic");
        var rules = new List<RouteRule>();
        if (document.Text("apiVersion") == "dapr.io/v2alpha1")
        {
            var routes = spec.Map("routes");
            foreach (var rule in routes?.Maps("rules") ?? []) rules.Add(new(rule.Text("match", "")!, rule.RequiredText("path", "write the path the event goes to")));
            if (routes?.Text("default") is { Length: > 0 } otherwise) rules.Add(new("", otherwise));
        }
        else if (spec.Text("route") is { Length: > 0 } route)
        {
            rules.Add(new("", route));
        }
        if (rules.Count == 0) spec.Report("routes", "leads nowhere", "write a route (v1alpha1) or routes.default (v2alpha1)");
        if (document.Faults.Count > before) return;
        var name = document.Map("metadata")?.Text("name", "") ?? "";
        if (name.Length > 0) set.Subscriptions.RemoveAll(s => s.Name == name);
        set.Subscriptions.Add(new Subscription(pubsub, topic, SubscriptionKind.Declarative)
        {
            Name = name,
            Rules = rules,
            DeadLetterTopic = spec.Text("deadLetterTopic", "")!,
            Metadata = spec.Map("metadata")?.Scalars() ?? new Dictionary<string, string>(),
            Bulk = Bulk(spec.Map("bulkSubscribe")),
        });
    }

    private static BulkSubscribe? Bulk(YamlMap? bulk)
    {
        if (bulk is null || !bulk.Flag("enabled", false)) return null;
        var messages = bulk.WholeNumber("maxMessagesCount", Subscription.DefaultBulkMessages);
        var await = bulk.WholeNumber("maxAwaitDurationMs", (int)Subscription.DefaultBulkAwait.TotalMilliseconds);
        return new BulkSubscribe(messages > 0 ? messages : Subscription.DefaultBulkMessages, await > 0 ? TimeSpan.FromMilliseconds(await) : Subscription.DefaultBulkAwait);
    }
}
