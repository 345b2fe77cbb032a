using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.PubSub;

/// <summary>Hands a batch to an app that speaks gRPC: OnBulkTopicEvent, or its former name where the app serves only that.</summary>
internal sealed class GrpcBulkSender(AppChannel app, string pubsub, Subscription subscription, bool waitsForApp) : BulkSender
{
    internal override async Task<Attempt<Outcome>> SendAsync(string path, List<BulkEntry> entries, CancellationToken stop)
    {
        foreach (var entry in entries) entry.Outcome = null;
        try
        {
            var statuses = await CallAsync(Request(path, entries), MetadataOf(entries), stop).ConfigureAwait(false);
            foreach (var entry in entries)
                if (statuses.FirstOrDefault(s => s.EntryId == entry.Id) is { } status) entry.Outcome = GrpcSender.OutcomeOf(status.Status);
            return new(Outcome.Failed, Verdict.Failed);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.Unimplemented)
        {
            foreach (var entry in entries) entry.Outcome = Outcome.Success;
            return new(Outcome.Success, Verdict.Final);
        }
        catch (RpcException fault)
        {
            return HttpSender.Broken(fault, waitsForApp) with { Status = (int)fault.StatusCode };
        }
    }

    private async Task<IReadOnlyList<TopicEventBulkResponseEntry>> CallAsync(TopicEventBulkRequest request, Metadata metadata, CancellationToken stop)
    {
        try
        {
            return (await app.CallAsync(AppMethods.OnBulkTopicEvent, request, metadata, stop).ConfigureAwait(false)).Answer.Statuses;
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.Unimplemented)
        {
            return (await app.CallAsync(AppMethods.OnBulkTopicEventAlpha1, request, metadata, stop).ConfigureAwait(false)).Answer.Statuses;
        }
    }

    private Metadata MetadataOf(List<BulkEntry> entries)
    {
        var metadata = new Metadata { { "pubsubname", pubsub } };
        Trace.Write(metadata, entries.LastOrDefault(static entry => entry.Outgoing.TraceParent is not null)?.Outgoing.TraceParent);
        return metadata;
    }

    private TopicEventBulkRequest Request(string path, List<BulkEntry> entries)
    {
        var request = new TopicEventBulkRequest
        {
            Id = Guid.NewGuid().ToString(),
            Topic = subscription.Topic,
            PubsubName = pubsub,
            Type = "com.dapr.event.sent.bulk",
            Path = path,
            Metadata = { { "pubsubName", pubsub } },
        };
        foreach (var entry in entries)
        {
            var item = new TopicEventBulkRequestEntry { EntryId = entry.Id };
            if (subscription.Raw == true) item.Bytes = UnsafeByteOperations.UnsafeWrap(entry.Delivery.Message.Payload);
            else if (TopicEvents.Read(entry.Outgoing.Event) is { } read) item.CloudEvent = read;
            else continue;
            foreach (var (key, value) in entry.Delivery.Message.Metadata ?? new Dictionary<string, string>()) item.Metadata[key] = value;
            request.Entries.Add(item);
        }
        return request;
    }
}
