using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>Asks an HTTP app what it subscribes to.</summary>
internal static class ProgrammaticSubscriptions
{
    internal static async Task<List<Subscription>> ReadAsync(VirtualSidecar sidecar, CancellationToken stop)
    {
        var body = await AppQuestion.AskAsync(sidecar, "/dapr/subscribe", stop).ConfigureAwait(false);
        if (body is null or []) return [];
        var subscriptions = new List<Subscription>();
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (Read(item) is { Rules.Count: > 0 } subscription) subscriptions.Add(subscription);
                else sidecar.Runtime.Log($"{sidecar.AppId}: a subscription without route or topic was left out: {item.GetRawText()}");
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            sidecar.Runtime.Log($"{sidecar.AppId}: the answer to GET /dapr/subscribe cannot be read ({fault.Message}); the app has no subscriptions until it restarts");
        }
        return subscriptions;
    }

    private static Subscription? Read(JsonElement item)
    {
        if (Text(item, "pubsubname") is not { Length: > 0 } pubsub || Text(item, "topic") is not { Length: > 0 } topic) return null;
        var rules = new List<RouteRule>();
        string? otherwise = null;
        if (item.TryGetProperty("routes", out var routes) && routes.ValueKind == JsonValueKind.Object)
        {
            if (routes.TryGetProperty("rules", out var list) && list.ValueKind == JsonValueKind.Array)
                foreach (var rule in list.EnumerateArray()) rules.Add(new RouteRule(Text(rule, "match") ?? "", Text(rule, "path") ?? ""));
            otherwise = Text(routes, "default");
        }
        if (otherwise is not { Length: > 0 }) otherwise = Text(item, "route");
        if (otherwise is { Length: > 0 }) rules.Add(new RouteRule("", otherwise));
        return new Subscription(pubsub, topic, SubscriptionKind.Programmatic)
        {
            Rules = rules,
            DeadLetterTopic = Text(item, "deadLetterTopic") ?? "",
            Metadata = Metadata(item),
            Bulk = Bulk(item),
        };
    }

    private static Dictionary<string, string> Metadata(JsonElement item)
    {
        var metadata = new Dictionary<string, string>();
        if (item.TryGetProperty("metadata", out var own) && own.ValueKind == JsonValueKind.Object)
            foreach (var member in own.EnumerateObject()) metadata[member.Name] = member.Value.ToString();
        return metadata;
    }

    private static BulkSubscribe? Bulk(JsonElement item)
    {
        if (!item.TryGetProperty("bulkSubscribe", out var bulk) || bulk.ValueKind != JsonValueKind.Object) return null;
        if (!bulk.TryGetProperty("enabled", out var enabled) || enabled.ValueKind != JsonValueKind.True) return null;
        var messages = Number(bulk, "maxMessagesCount");
        var await = Number(bulk, "maxAwaitDurationMs");
        return new BulkSubscribe(messages > 0 ? messages : Subscription.DefaultBulkMessages, await > 0 ? TimeSpan.FromMilliseconds(await) : Subscription.DefaultBulkAwait);
    }

    private static int Number(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;

    private static string? Text(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
