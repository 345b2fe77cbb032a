using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Http;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.PubSub;

/// <summary>Many events in one HTTP request; one that is wrong refuses all.</summary>
internal static class BulkPublishRoute
{
    internal static async Task HandleAsync(HttpContext context, VirtualSidecar sidecar, PublishApi api, string pubsub, string topic)
    {
        var metadata = Query.Metadata(context);
        var error = api.Find(pubsub, topic, out var component);
        var raw = false;
        error ??= PublishApi.IsRaw(component, metadata, out raw);
        if (error is null)
        {
            using var body = await Body.ReadAsync(context, sidecar.Options.MaxBodySize).ConfigureAwait(false);
            error = body.TooLarge
                ? PublishErrors.BulkBody(pubsub, topic, sidecar.AppId, "stream too large")
                : await PublishAsync(context, sidecar, api, component, topic, body.Bytes, metadata, raw).ConfigureAwait(false);
        }
        await (error?.WriteAsync(context) ?? Answer.Empty(context)).ConfigureAwait(false);
    }

    private static async Task<ApiError?> PublishAsync(
        HttpContext context, VirtualSidecar sidecar, PublishApi api, PubSubComponent component, string topic, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? metadata, bool raw)
    {
        var messages = new List<Message>();
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Array) return PublishErrors.BulkBody(component.Name, topic, sidecar.AppId, "the body is not an array");
            var ids = new HashSet<string>();
            foreach (var entry in document.RootElement.EnumerateArray())
                if (!ids.Add(Text(entry, "entryId") ?? "") || ids.Contains("")) return PublishErrors.EntryIds(component.Name, topic, sidecar.AppId);
            var trace = api.TraceOf(Trace.Of(context.Request.Headers), Trace.StateOf(context.Request.Headers));
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                if (Read(entry, metadata, out var published) is { } cause) return PublishErrors.BulkEnvelope(component.Name, topic, sidecar.AppId, cause);
                if (api.Wrap(component, topic, published, raw, trace, out var error) is not { } message) return error;
                messages.Add(message);
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return PublishErrors.BulkBody(component.Name, topic, sidecar.AppId, GoSyntax.OfBody(body.Span) ?? fault.Message);
        }
        return messages.Count == 0 ? null : await PublishApi.StoreAsync(component, topic, messages).ConfigureAwait(false);
    }

    private static string? Read(JsonElement entry, IReadOnlyDictionary<string, string>? request, out PublishedEvent published)
    {
        const string Mismatch = "mismatch between contentType and event";
        published = default;
        var type = Text(entry, "contentType");
        var media = Envelope.MediaType(type).ToString().ToLowerInvariant();
        var present = entry.TryGetMember("event", out var data);
        byte[]? bytes = null;
        if (Envelope.IsJson(type)) bytes = present ? Encoding.UTF8.GetBytes(data.GetRawText()) : "null"u8.ToArray();
        else if (Envelope.IsCloudEvent(type)) bytes = present ? Encoding.UTF8.GetBytes(data.ValueKind == JsonValueKind.String ? data.GetString()! : data.GetRawText()) : null;
        else if (present && data.ValueKind == JsonValueKind.String)
        {
            if (media == "application/octet-stream")
            {
                if (!data.TryGetBytesFromBase64(out bytes)) return "unable to decode base64 event";
            }
            else if (media.StartsWith("text/", StringComparison.Ordinal) || media == "application/xml")
            {
                bytes = Encoding.UTF8.GetBytes(data.GetString()!);
            }
        }
        if (bytes is null) return Mismatch;
        published = new PublishedEvent(bytes, type, Metadata(entry, request));
        return null;
    }

    private static Dictionary<string, string>? Metadata(JsonElement entry, IReadOnlyDictionary<string, string>? request)
    {
        // Metadata of the request reaches only entries that have some of their own, as in daprd.
        if (!entry.TryGetMember("metadata", out var own) || own.ValueKind != JsonValueKind.Object) return null;
        var metadata = request is null ? [] : new Dictionary<string, string>(request);
        foreach (var member in own.EnumerateObject()) metadata[member.Name] = member.Value.GetString() ?? "";
        return metadata;
    }

    private static string? Text(JsonElement owner, string name) => owner.TryGetMember(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
