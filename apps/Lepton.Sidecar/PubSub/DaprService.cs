using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.Grpc;

internal sealed partial class DaprService
{
    internal static void BindPubSub(GrpcMethods<DaprService> methods)
    {
        methods.Unary<PublishEventRequest, Empty>("PublishEvent", static (service, request, call) => service.PublishAsync(request, call));
        methods.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEvent", static (service, request, call) => service.PublishAsync(request, call));
        methods.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEventAlpha1", static (service, request, call) => service.PublishAsync(request, call));
        methods.Duplex<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1>("SubscribeTopicEventsAlpha1",
            static (service, requests, stream, call) => new EventStream(service.sidecar, service.subscriptions, requests, stream).RunAsync(call.CancellationToken));
    }

    private async Task<Empty> PublishAsync(PublishEventRequest request, ServerCallContext call)
    {
        var error = publish.Find(request.PubsubName, request.Topic, null, out var component);
        var raw = false;
        error ??= PublishApi.IsRaw(component, request.Metadata, out raw);
        if (error is not null) throw error.ToRpc();
        var trace = CallerTrace(call);
        var published = new PublishedEvent(request.Data.Memory, request.DataContentType, raw ? Traced(request.Metadata, trace) : request.Metadata);
        if (publish.Wrap(component, request.Topic, published, raw, trace, out error) is { } message)
            error = await publish.StoreAsync(component, request.Topic, [message]).ConfigureAwait(false);
        return error is null ? new Empty() : throw error.ToRpc();
    }

    private async Task<BulkPublishResponse> PublishAsync(BulkPublishRequest request, ServerCallContext call)
    {
        var error = publish.Find(request.PubsubName, request.Topic, null, out var component);
        var raw = false;
        error ??= PublishApi.IsRaw(component, request.Metadata, out raw);
        if (error is not null) throw error.ToRpc();
        var ids = new HashSet<string>(request.Entries.Count);
        foreach (var entry in request.Entries)
            if (entry.EntryId.Length == 0 || !ids.Add(entry.EntryId)) throw PublishErrors.EntryIds(request.PubsubName, request.Topic, sidecar.AppId).ToRpc();
        var trace = CallerTrace(call);
        var messages = new List<Message>(request.Entries.Count);
        foreach (var entry in request.Entries)
        {
            var published = new PublishedEvent(entry.Event.Memory, entry.ContentType, Merged(request.Metadata, entry.Metadata));
            messages.Add(publish.Wrap(component, request.Topic, published, raw, publish.OneOf(trace), out error) ?? throw error!.ToRpc());
        }
        if (await publish.StoreAsync(component, request.Topic, messages).ConfigureAwait(false) is { } failed) throw failed.ToRpc();
        return new BulkPublishResponse();
    }

    private CallerTrace CallerTrace(ServerCallContext call) => publish.TraceOf(Trace.Of(call.RequestHeaders), "");

    /// <summary>A raw message has no envelope to carry its trace, so over gRPC its metadata does.</summary>
    private static Dictionary<string, string> Traced(MapField<string, string> metadata, CallerTrace trace) =>
        new(metadata) { ["traceid"] = trace.Parent, ["tracestate"] = "" };

    private static Dictionary<string, string>? Merged(MapField<string, string> request, MapField<string, string> own)
    {
        // Metadata of the request reaches only entries that have some of their own, as in daprd.
        if (own.Count == 0) return null;
        var merged = new Dictionary<string, string>(request);
        foreach (var (key, value) in own) merged[key] = value;
        return merged;
    }
}
