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
        var error = api.Find(pubsub, topic, metadata, out var component);
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
        using var document = GoDocument.Parse(body);
        var entries = document.Structs("http.bulkPublishMessageEntry").Select(entry => BulkPublishEntry.Read(entry, metadata, raw)).ToList();
        if (document.Fault is { } fault) return PublishErrors.BulkBody(component.Name, topic, sidecar.AppId, fault);
        var ids = new HashSet<string>();
        foreach (var entry in entries)
        {
            if (entry.Fault is { } cause) return PublishErrors.BulkEnvelope(component.Name, topic, sidecar.AppId, cause);
            if (entry.Id.Length == 0 || !ids.Add(entry.Id)) return PublishErrors.EntryIds(component.Name, topic, sidecar.AppId);
        }
        var trace = api.TraceOf(Trace.Of(context.Request.Headers), Trace.StateOf(context.Request.Headers));
        if (api.Sampled) context.Response.Headers[Trace.Header] = trace.Parent;
        var messages = new List<Message>(entries.Count);
        foreach (var entry in entries)
        {
            if (api.Wrap(component, topic, entry.Event, raw, api.OneOf(trace), out var error) is not { } message) return error;
            messages.Add(message);
        }
        return await api.StoreAsync(component, topic, messages).ConfigureAwait(false);
    }
}
