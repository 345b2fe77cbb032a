using Dapr.AppCallback.Autogen.Grpc.v1;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Tracing;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Lepton.Sidecar.PubSub;

/// <summary>Hands an event to an app that speaks gRPC: OnTopicEvent, the answer's status decides.</summary>
internal sealed class GrpcSender(AppChannel app, string pubsub, string topic, bool waitsForApp) : Sender
{
    internal override async Task<Attempt<Outcome>> SendAsync(Outgoing outgoing, CancellationToken stop)
    {
        if (TopicEvents.Read(outgoing.Event, pubsub, topic, outgoing.Path) is not { } request) return new(Outcome.Failed, Verdict.Failed);
        try
        {
            var (answer, _) = await app.CallAsync(AppMethods.OnTopicEvent, request, MetadataOf(outgoing), stop).ConfigureAwait(false);
            return OutcomeOf(answer.Status) is var outcome && outcome == Outcome.Failed ? new(outcome, Verdict.Failed) : new(outcome, Verdict.Final);
        }
        catch (RpcException fault)
        {
            // An app that does not serve the method gets no events, and nothing is dead-lettered for it.
            return fault.StatusCode == StatusCode.Unimplemented ? new(Outcome.Success, Verdict.Final) : HttpSender.Broken(fault, waitsForApp) with { Status = (int)fault.StatusCode };
        }
    }

    internal static Outcome OutcomeOf(Status status) => status switch
    {
        Status.Success => Outcome.Success,
        Status.Drop => Outcome.Drop,
        _ => Outcome.Failed,
    };

    private Metadata MetadataOf(in Outgoing outgoing)
    {
        var metadata = new Metadata();
        if (outgoing.Message.Metadata is { } given)
            foreach (var (key, value) in given) metadata.AddText(key, value);
        metadata.AddText("pubsubname", pubsub);
        Trace.Write(metadata, outgoing.TraceParent);
        return metadata;
    }
}
