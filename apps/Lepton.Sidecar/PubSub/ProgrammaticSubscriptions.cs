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
        if (Member(item, "routes") is { } routes && routes.ValueKind == JsonValueKind.Object)
        {
            if (Member(routes, "rules") is { } list && list.ValueKind == JsonValueKind.Array)
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
        if (Member(item, "metadata") is { } own && own.ValueKind == JsonValueKind.Object)
            foreach (var member in own.EnumerateObject()) metadata[member.Name] = member.Value.ToString();
        return metadata;
    }

    private static BulkSubscribe? Bulk(JsonElement item)
    {
        if (Member(item, "bulkSubscribe") is not { } bulk || bulk.ValueKind != JsonValueKind.Object) return null;
        if (Member(bulk, "enabled") is not { } enabled || enabled.ValueKind != JsonValueKind.True) return null;
        var messages = Number(bulk, "maxMessagesCount");
        var await = Number(bulk, "maxAwaitDurationMs");
        return new BulkSubscribe(messages > 0 ? messages : Subscription.DefaultBulkMessages, await > 0 ? TimeSpan.FromMilliseconds(await) : Subscription.DefaultBulkAwait);
    }

    private static int Number(JsonElement owner, string name) => Member(owner, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : 0;

    private static string? Text(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>daprd compares member names without case, and relies on it: the .NET SDK writes `pubsubName`.</summary>
    private static JsonElement? Member(JsonElement owner, string name)
    {
        if (owner.ValueKind == JsonValueKind.Object)
            foreach (var member in owner.EnumerateObject())
                if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return member.Value;
        return null;
    }
}
