using System.Runtime.InteropServices;
using System.Text.Json;
using Lepton.Contracts.Events;

namespace Lepton.Cli.Checking;

/// <summary>A bulk delivery of the sidecar: what it brings, entry by entry.</summary>
internal static class Delivery
{
    /// <summary>The entries of a delivery; an entry whose event says nothing to the checker has no sighting.</summary>
    public static IReadOnlyList<(string EntryId, Sighting? Sighting, Result? Result)> Read(JsonDocument body, string topic, DateTimeOffset seen)
    {
        if (!body.RootElement.TryGetProperty("entries", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        var entries = new List<(string, Sighting?, Result?)>(list.GetArrayLength());
        foreach (var entry in list.EnumerateArray())
        {
            var id = entry.GetProperty("entryId").GetString()!;
            var (sighting, result) = entry.TryGetProperty("event", out var content) ? ReadEvent(content, topic, seen) : (null, null);
            entries.Add((id, sighting, result));
        }

        return entries;
    }

    private static (Sighting?, Result?) ReadEvent(JsonElement content, string topic, DateTimeOffset seen)
    {
        var known = CloudEvent.TryParse(JsonMarshal.GetRawUtf8Value(content).ToArray(), out var cloudEvent, out _);
        try
        {
            if (known && cloudEvent.Type == EventTypes.Result)
            {
                var result = JsonSerializer.Deserialize(cloudEvent.Data.Span, ContractJson.Default.Result)!;
                return (Sighting.Of(result, seen), result);
            }

            if (known && cloudEvent.Type == EventTypes.Rejection)
            {
                return (Sighting.Of(JsonSerializer.Deserialize(cloudEvent.Data.Span, ContractJson.Default.Rejection)!, seen), null);
            }
        }
        catch (JsonException)
        {
            return (null, null);
        }

        // Anything else on a dead-letter topic came there because its deliveries were used up.
        return PipelineOf(topic) is { } pipeline ? (Sighting.OfDeadLetter(pipeline, cloudEvent.Source, cloudEvent.Id, seen), null) : (null, null);
    }

    private static string? PipelineOf(string topic)
    {
        var (prefix, suffix) = (Topics.Events(""), Topics.DeadLetter(""));
        return topic.StartsWith(prefix, StringComparison.Ordinal) && topic.EndsWith(suffix, StringComparison.Ordinal) ? topic[prefix.Length..^suffix.Length] : null;
    }
}
