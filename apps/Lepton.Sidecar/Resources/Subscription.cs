namespace Lepton.Sidecar.Resources;

/// <summary>Where a subscription came from; the names are those of the metadata API.</summary>
internal enum SubscriptionKind { Declarative, Programmatic, Streaming }

/// <summary>A rule sends events whose <paramref name="Match"/> holds to <paramref name="Path"/>; an empty match always holds.</summary>
internal sealed record RouteRule(string Match, string Path)
{
    internal string Match { get; } = Match.Trim();
}

/// <summary>How a subscription takes events in batches.</summary>
internal sealed record BulkSubscribe(int MaxMessages, TimeSpan MaxAwait);

/// <summary>What an app wants of a topic.</summary>
internal sealed record Subscription(string PubSub, string Topic, SubscriptionKind Kind)
{
    /// <summary>That of a declarative one; of two with one name the later holds.</summary>
    internal string Name { get; init; } = "";

    internal IReadOnlyList<RouteRule> Rules { get; init; } = [];

    internal string DeadLetterTopic { get; init; } = "";

    internal IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal BulkSubscribe? Bulk { get; init; }

    /// <summary>All of it, for people and to tell one from another.</summary>
    internal string Text => string.Concat(
        $"'{Topic}' of '{PubSub}' by ", string.Join(", ", Rules.Select(rule => rule.Match.Length == 0 ? rule.Path : $"{rule.Path} if {rule.Match}")),
        DeadLetterTopic.Length == 0 ? "" : $", dead letters to '{DeadLetterTopic}'", Bulk is null ? "" : $", {Bulk.MaxMessages} at once or after {Bulk.MaxAwait.TotalMilliseconds} ms")
        + string.Concat(Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $", {entry.Key}={entry.Value}"));

    /// <summary>Whether the app is to get the bytes as they were published; null when the metadata do not say it in a way that can be read.</summary>
    internal bool? Raw => Truth.Read(Metadata.GetValueOrDefault("rawPayload"));

    internal const int DefaultBulkMessages = 100;

    internal static readonly TimeSpan DefaultBulkAwait = TimeSpan.FromSeconds(1);
}
