using System.Buffers;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.PubSub;

/// <summary>Hands a batch to an HTTP app and reads what it says of each entry.</summary>
internal sealed class HttpBulkSender(AppChannel app, string pubsub, Subscription subscription, bool waitsForApp) : BulkSender
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    internal override async Task<Attempt<Outcome>> SendAsync(string path, List<BulkEntry> entries, CancellationToken stop)
    {
        foreach (var entry in entries) entry.Outcome = null;
        using var request = app.Request(HttpMethod.Post, path);
        request.Content = new ReadOnlyMemoryContent(Write(entries));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("pubsubName", pubsub);
        // One call has one trace: that of the last event.
        Trace.Write(request, entries.LastOrDefault(static entry => entry.Outgoing.TraceParent is not null)?.Outgoing.TraceParent);
        try
        {
            using var answer = await app.SendAsync(request, stop).ConfigureAwait(false);
            var status = (int)answer.StatusCode;
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                foreach (var entry in entries) entry.Outcome = Outcome.Drop;
                return new(Outcome.Drop, Verdict.Final, status);
            }
            // As in daprd the status of a whole batch is not held against retries.matching.
            if (status is < 200 or >= 300) return new(Outcome.Failed, Verdict.Failed);
            Read(await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false), entries);
            return new(Outcome.Failed, Verdict.Failed);
        }
        catch (HttpRequestException fault)
        {
            return HttpSender.Broken(fault, waitsForApp);
        }
    }

    private ReadOnlyMemory<byte> Write(List<BulkEntry> entries)
    {
        var size = 256;
        foreach (var entry in entries) size += entry.Outgoing.Event.Length + 192;
        var output = new ArrayBufferWriter<byte>(size);
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("id"u8, Guid.NewGuid());
        json.WriteStartArray("entries"u8);
        foreach (var entry in entries) Write(json, entry);
        json.WriteEndArray();
        json.WriteStartObject("metadata"u8);
        json.WriteString("pubsubName"u8, pubsub);
        json.WriteEndObject();
        json.WriteString("topic"u8, subscription.Topic);
        json.WriteString("pubsubname"u8, pubsub);
        json.WriteString("type"u8, "com.dapr.event.sent.bulk"u8);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private void Write(Utf8JsonWriter json, BulkEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("entryId"u8, entry.Id);
        if (subscription.Raw == true)
        {
            json.WriteBase64String("event"u8, entry.Delivery.Message.Payload.Span);
            json.WriteString("contentType"u8, "application/octet-stream"u8);
        }
        else
        {
            json.WritePropertyName("event"u8);
            json.WriteRawValue(entry.Outgoing.Event.Span, skipInputValidation: true);
            json.WriteString("contentType"u8, "application/cloudevents+json"u8);
        }
        json.WriteStartObject("metadata"u8);
        foreach (var (key, value) in entry.Delivery.Message.Metadata ?? new Dictionary<string, string>()) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>
    /// An entry the answer does not name, or names without a status, is to be sent again, and so are all when the answer cannot be read. As in daprd its first value counts, and
    /// names stand in any case of letters.
    /// </summary>
    private static void Read(byte[] body, List<BulkEntry> entries)
    {
        if (body.Length == 0) return;
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (Member(document.RootElement, "statuses", JsonValueKind.Array) is not { } statuses) return;
            var byId = new Dictionary<string, BulkEntry>(entries.Count);
            foreach (var entry in entries) byId[entry.Id] = entry;
            foreach (var item in statuses.EnumerateArray())
            {
                var (id, status) = (Member(item, "entryId", JsonValueKind.String)?.GetString(), Member(item, "status", JsonValueKind.String)?.GetString());
                if (id is null || !byId.TryGetValue(id, out var entry)) continue;
                entry.Outcome = status switch
                {
                    "SUCCESS" => Outcome.Success,
                    "DROP" => Outcome.Drop,
                    _ => Outcome.Failed,
                };
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            foreach (var entry in entries) entry.Outcome = null;
        }
    }

    /// <summary>A member of a kind; null when it is absent or null.</summary>
    /// <exception cref="JsonException">It is of another kind, or the owner is no object.</exception>
    private static JsonElement? Member(JsonElement owner, string name, JsonValueKind kind)
    {
        if (owner.ValueKind != JsonValueKind.Object) throw new JsonException($"what should hold '{name}' is no object");
        if (!owner.TryGetMember(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == kind ? value : throw new JsonException($"'{name}' is of another kind");
    }
}
