namespace Lepton.Sidecar.PubSub;

/// <summary>The members of the envelope a publisher may set by `metadata.cloudevent.*`.</summary>
internal readonly struct Overrides
{
    private const string Prefix = "cloudevent.";

    internal string? Id { get; private init; }

    internal string? Source { get; private init; }

    internal string? Type { get; private init; }

    internal string? Subject { get; private init; }

    internal string? TraceParent { get; private init; }

    internal string? TraceId { get; private init; }

    internal string? TraceState { get; private init; }

    internal static Overrides Of(IReadOnlyDictionary<string, string>? metadata)
    {
        var found = default(Overrides);
        if (metadata is null) return found;
        foreach (var (key, value) in metadata)
        {
            if (!key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            found = key[Prefix.Length..].ToLowerInvariant() switch
            {
                "id" => found with { Id = Given(value) },
                // An empty source is none of the app's: the event gets the one that daprd gives events without any.
                "source" => found with { Source = Given(value) ?? "Dapr" },
                "type" => found with { Type = Given(value) },
                "subject" => found with { Subject = Given(value) },
                "traceparent" => found with { TraceParent = Given(value) },
                "traceid" => found with { TraceId = value },
                "tracestate" => found with { TraceState = value },
                _ => found,
            };
        }
        return found;
    }

    private static string? Given(string value) => value.Length == 0 ? null : value;
}
