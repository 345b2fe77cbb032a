using System.Collections.Concurrent;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using GrpcStatus = Grpc.Core.Status;

namespace Lepton.Sidecar.PubSub;

/// <summary>A streaming subscription: events go out on the call, answers come back on it by event id, in any order.</summary>
internal sealed class EventStream(
    VirtualSidecar sidecar, SubscriptionSet subscriptions, IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> stream)
{
    internal async Task RunAsync(CancellationToken stop)
    {
        var (component, subscription) = await FirstAsync(stop).ConfigureAwait(false);
        using var sender = new StreamSender(component.Name, subscription, stream);
        var subscriber = new SingleSubscriber(sidecar, component, subscription, _ => sender);
        subscriber.Open();
        await stream.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { InitialResponse = new SubscribeTopicEventsResponseInitialAlpha1() }, stop).ConfigureAwait(false);
        subscriptions.AddStream(subscription);
        subscriber.Start();
        try
        {
            await AnswersAsync(sender, stop).ConfigureAwait(false);
        }
        finally
        {
            subscriptions.RemoveStream(subscription);
            await subscriber.StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        }
    }

    private async Task<(PubSubComponent, Subscription)> FirstAsync(CancellationToken stop)
    {
        if (!await requests.MoveNext(stop).ConfigureAwait(false)) throw Error(StatusCode.Unknown, "EOF");
        if (requests.Current.InitialRequest is not { } first) throw Error(StatusCode.Unknown, "initial request is required");
        if (first.PubsubName.Length == 0) throw Error(StatusCode.Unknown, "pubsubName is required");
        if (first.Topic.Length == 0) throw Error(StatusCode.Unknown, "topic is required");
        if (!subscriptions.Components.TryGetValue(first.PubsubName, out var component)) throw Error(StatusCode.InvalidArgument, $"pubsub {first.PubsubName} is not found");
        if (!component.Scopes.MaySubscribe(first.Topic)) throw Error(StatusCode.Unknown, $"failed to create subscription for {first.PubsubName}: subscription to topic '{first.Topic}' on pubsub '{first.PubsubName}' is not allowed");
        return (component, new Subscription(first.PubsubName, first.Topic, SubscriptionKind.Streaming)
        {
            Rules = [new RouteRule("", "/")],
            DeadLetterTopic = first.HasDeadLetterTopic ? first.DeadLetterTopic : "",
            Metadata = new Dictionary<string, string>(first.Metadata),
        });
    }

    private async Task AnswersAsync(StreamSender sender, CancellationToken stop)
    {
        try
        {
            while (await requests.MoveNext(stop).ConfigureAwait(false))
            {
                if (requests.Current.EventProcessed is not { } answer) throw Error(StatusCode.Unknown, "duplicate initial request received");
                sender.Answered(answer.Id, answer.Status?.Status ?? TopicEventResponse.Types.TopicEventResponseStatus.Success);
            }
        }
        catch (Exception fault) when (stop.IsCancellationRequested && fault is OperationCanceledException or IOException)
        {
            return;
        }
        throw Error(StatusCode.Unknown, "EOF");
    }

    private static RpcException Error(StatusCode code, string text) => new(new GrpcStatus(code, text));

    private sealed class StreamSender(string pubsub, Subscription subscription, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> stream) : Sender, IDisposable
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<Outcome>> waiting = new();
        private readonly SemaphoreSlim writing = new(1);

        internal void Answered(string id, TopicEventResponse.Types.TopicEventResponseStatus status)
        {
            if (!waiting.TryRemove(id, out var answer)) return;
            answer.TrySetResult(status switch
            {
                TopicEventResponse.Types.TopicEventResponseStatus.Success => Outcome.Success,
                TopicEventResponse.Types.TopicEventResponseStatus.Drop => Outcome.Drop,
                _ => Outcome.Failed,
            });
        }

        internal override async Task<Attempt<Outcome>> SendAsync(Outgoing outgoing, CancellationToken stop)
        {
            if (TopicEvents.Read(outgoing.Event, pubsub, subscription.Topic, outgoing.Path) is not { } message) return new(Outcome.Failed, Verdict.Failed);
            var answer = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting[message.Id] = answer;
            try
            {
                await writing.WaitAsync(stop).ConfigureAwait(false);
                try
                {
                    await stream.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { EventMessage = message }, stop).ConfigureAwait(false);
                }
                finally
                {
                    writing.Release();
                }
                var outcome = await answer.Task.WaitAsync(stop).ConfigureAwait(false);
                return new(outcome, outcome == Outcome.Failed ? Verdict.Failed : Verdict.Final);
            }
            catch (InvalidOperationException)
            {
                // The call is over: the delivery goes back for the next receiver.
                throw new OperationCanceledException("the stream ended");
            }
            finally
            {
                waiting.TryRemove(KeyValuePair.Create(message.Id, answer));
            }
        }

        public void Dispose() => writing.Dispose();
    }
}
