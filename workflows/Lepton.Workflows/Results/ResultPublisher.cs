using System.Text.Json;
using System.Text.Json.Serialization;
using Dapr.Client;
using Lepton.Contracts.Events;

namespace Lepton.Workflows.Results;

/// <summary>Publishes results and rejections as structured CloudEvents whose ids are ours, in bulk.</summary>
internal sealed class ResultPublisher(DaprClient dapr, NodeIdentity node)
{
    /// <summary>Publishes results; the subjects of those that could not be published are returned, with the reason.</summary>
    public async Task<IReadOnlyDictionary<string, string>> PublishAsync(IReadOnlyList<Result> results, CancellationToken cancellationToken)
    {
        var failed = await PublishAsync(Topics.Results, [.. results.Select(Envelope)], cancellationToken).ConfigureAwait(false);
        var reasons = new Dictionary<string, string>();
        foreach (var (index, why) in failed)
        {
            reasons[results[index].Subject] = why;
        }

        return reasons;
    }

    /// <summary>Publishes rejections on the dead-letter topic of a pipeline; false when that failed for one.</summary>
    public async Task<bool> DeadLetterAsync(string pipeline, IReadOnlyList<Rejection> rejections, CancellationToken cancellationToken) =>
        (await PublishAsync(Topics.DeadLetter(Topics.Events(pipeline)), [.. rejections.Select(Envelope)], cancellationToken).ConfigureAwait(false)).Count == 0;

    private PublishedEvent Envelope(Result result) => new(new CloudEvent
    {
        Id = result.Id,
        Source = node.AppId,
        Type = EventTypes.Result,
        Subject = result.Subject,
        Time = result.DecidedAt,
        Data = JsonSerializer.SerializeToUtf8Bytes(result, ContractJson.Default.Result),
    });

    private PublishedEvent Envelope(Rejection rejection) => new(new CloudEvent
    {
        Id = "rejection/" + EventKey.Of(rejection.Device + '\0' + rejection.EventId, Convert.ToHexString(rejection.Sample ?? [])),
        Source = node.AppId,
        Type = EventTypes.Rejection,
        Subject = rejection.Pipeline,
        Time = rejection.RejectedAt,
        Data = JsonSerializer.SerializeToUtf8Bytes(rejection, ContractJson.Default.Rejection),
    });

    private async Task<IReadOnlyList<(int Index, string Why)>> PublishAsync(string topic, IReadOnlyList<PublishedEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return [];
        }

        var answer = await dapr.BulkPublishEventAsync(NodeIdentity.Pubsub, topic, events, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. answer.FailedEntries.Select(failed => (int.Parse(failed.Entry.EntryId), failed.ErrorMessage))];
    }

    /// <summary>The client sends an event as a CloudEvent only if it is of its own class; the converter writes the envelope that we made.</summary>
    [JsonConverter(typeof(Converter))]
    private sealed class PublishedEvent(CloudEvent envelope) : Dapr.CloudEvent
    {
        private readonly byte[] json = envelope.ToJson();

        private sealed class Converter : JsonConverter<PublishedEvent>
        {
            public override PublishedEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Events are only written.");

            public override void Write(Utf8JsonWriter writer, PublishedEvent value, JsonSerializerOptions options) => writer.WriteRawValue(value.json, skipInputValidation: true);
        }
    }
}
