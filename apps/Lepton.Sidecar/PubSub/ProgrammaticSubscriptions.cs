using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>Asks an HTTP app what it subscribes to.</summary>
internal static class ProgrammaticSubscriptions
{
    /// <summary>What the app tells; null when that cannot be read.</summary>
    internal static async Task<List<Subscription>?> ReadAsync(VirtualSidecar sidecar, CancellationToken stop)
    {
        var body = await AppQuestion.AskAsync(sidecar, "/dapr/subscribe", stop).ConfigureAwait(false);
        if (body is null || body.AsSpan().Trim(" \t\r\n"u8).IsEmpty) return [];
        using var document = GoDocument.Parse(body);
        var all = document.Structs("pubsub.SubscriptionJSON").Select(Read).ToList();
        if (document.Fault is { } fault)
        {
            sidecar.Runtime.Log($"{sidecar.AppId}: the answer to GET /dapr/subscribe cannot be read: {fault}");
            return null;
        }
        foreach (var subscription in all.Where(static s => s.Rules.Count == 0)) sidecar.Runtime.Log($"{sidecar.AppId}: the subscription to '{subscription.Topic}' has no route and was left out");
        return [.. all.Where(static s => s.Rules.Count > 0)];
    }

    private static Subscription Read(GoStruct item)
    {
        var routes = item.Struct("routes", "pubsub.RoutesJSON");
        var rules = routes.Structs("rules", "pubsub.RuleJSON").Select(static rule => new RouteRule(rule.Text("match"), rule.Text("path"))).ToList();
        var (otherwise, single) = (routes.Text("default"), item.Text("route"));
        if (otherwise.Length + single.Length > 0) rules.Add(new RouteRule("", otherwise.Length > 0 ? otherwise : single));
        return new Subscription(item.Text("pubsubname"), item.Text("topic"), SubscriptionKind.Programmatic)
        {
            Rules = rules,
            DeadLetterTopic = item.Text("deadLetterTopic"),
            Metadata = item.Texts("metadata") ?? [],
            Bulk = Bulk(item.Struct("bulkSubscribe", "pubsub.BulkSubscribeJSON")),
        };
    }

    private static BulkSubscribe? Bulk(GoStruct bulk)
    {
        var enabled = bulk.Flag("enabled");
        var messages = bulk.Whole("maxMessagesCount");
        var await = bulk.Whole("maxAwaitDurationMs");
        return !enabled ? null : new BulkSubscribe(messages > 0 ? (int)messages : Subscription.DefaultBulkMessages, await > 0 ? TimeSpan.FromMilliseconds(await) : Subscription.DefaultBulkAwait);
    }
}
