using Lepton.Sidecar.Cel;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Tracing;

namespace Lepton.Sidecar.PubSub;

/// <summary>Takes what waits in one inbox to the app, several at a time, until it is stopped.</summary>
internal abstract class Subscriber(VirtualSidecar sidecar, PubSubComponent component, Subscription subscription) : IDisposable
{
    private readonly CancellationTokenSource taking = new();
    private readonly CancellationTokenSource sending = new();
    private readonly Routing routing = Routing.Of(subscription, !sidecar.App.IsGrpc, sidecar.Runtime.Log);
    private readonly bool? raw = subscription.Raw;
    private Task running = Task.CompletedTask;

    internal Subscription Subscription { get; } = subscription;

    protected VirtualSidecar Sidecar { get; } = sidecar;

    protected PubSubComponent Component { get; } = component;

    protected Inbox Inbox { get; private set; } = null!;

    protected Settlement Settlement { get; private set; } = null!;

    protected Guard Guard { get; } = sidecar.Guards.Inbound(component.Name, "pubsub");

    /// <summary>No more is taken when this is cancelled.</summary>
    protected CancellationToken Taking => taking.Token;

    /// <summary>What is under way is given up when this is cancelled.</summary>
    protected CancellationToken Sending => sending.Token;

    /// <summary>Opens the inbox: what is published from now on is kept for this subscription.</summary>
    internal void Open()
    {
        Inbox = Component.Broker.Open(Subscription.Topic, Component.Consumer, this);
        Settlement = new Settlement(Component, Subscription, Inbox, Sidecar.Runtime.FailedDelivery);
    }

    /// <summary>Begins to deliver.</summary>
    internal void Start() => running = RunAsync();

    /// <summary>Takes no more, lets what is under way end within <paramref name="grace"/>, then gives it up.</summary>
    internal async Task StopAsync(TimeSpan grace)
    {
        await taking.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(running, Task.Delay(grace)).ConfigureAwait(false);
        await sending.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        Component.Broker.Close(Inbox);
        Dispose();
    }

    public void Dispose()
    {
        taking.Dispose();
        sending.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task RunAsync();

    /// <summary>Makes a delivery ready to go; an outcome instead when it is not to be sent at all.</summary>
    protected Outcome? Prepare(Delivery delivery, out Outgoing outgoing)
    {
        var message = delivery.Message;
        outgoing = default;
        if (raw is not { } wrapped) return Outcome.Failed;
        var bytes = wrapped ? RawEnvelope.Wrap(message, Component.Name, Subscription.Topic) : message.Payload;
        var scan = wrapped ? EventScan.Of(bytes.Span) : message.Event;
        if (!scan.IsObject) return Outcome.Failed;
        if (scan.Expiration is { } expiration && expiration <= Sidecar.Runtime.Time.GetUtcNow()) return Outcome.Drop;
        try
        {
            if (routing.PathOf(bytes) is not { } path) return Outcome.Drop;
            // An event that tells nothing of its trace may have come with one, as a raw one over gRPC does.
            var parent = scan.TraceParent ?? message.Metadata?.GetValueOrDefault(Trace.Header) ?? message.Metadata?.GetValueOrDefault("traceid");
            var trace = parent is null ? null : Trace.Child(parent, Sidecar.Resources.Configuration.SamplingRate);
            outgoing = new Outgoing(path, bytes, message, trace);
            return null;
        }
        catch (CelException)
        {
            return Outcome.Failed;
        }
    }

    /// <summary>Waits until the app's port takes connections again.</summary>
    protected Task AppAsync() => Sidecar.App.DialAsync(Taking);
}
