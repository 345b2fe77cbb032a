using System.Threading.Channels;

namespace Lepton.Sidecar.PubSub;

/// <summary>What waits for one consumer of a topic. Several receivers of the same consumer compete for it.</summary>
internal abstract class Inbox(string topic, string consumer, Connection connection)
{
    private readonly Channel<Delivery> ready = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { AllowSynchronousContinuations = false });

    internal string Topic { get; } = topic;

    internal string Consumer { get; } = consumer;

    /// <summary>A failed delivery may be kept and come again.</summary>
    internal abstract bool KeepsFailed { get; }

    /// <summary>One delivery at a time, in order.</summary>
    internal abstract bool Serial { get; }

    internal abstract long Pending { get; }

    internal abstract long DeadLettered { get; }

    internal ChannelReader<Delivery> Ready => ready.Reader;

    /// <summary>The next delivery, once the broker can be reached.</summary>
    internal async ValueTask<Delivery> TakeAsync(CancellationToken stop)
    {
        var delivery = await ready.Reader.ReadAsync(stop).ConfigureAwait(false);
        if (!connection.Down) return delivery;
        try
        {
            await connection.UpAsync(stop).ConfigureAwait(false);
            return delivery;
        }
        catch (OperationCanceledException)
        {
            Return(delivery);
            throw;
        }
    }

    /// <summary>The delivery is over for good, unless the acknowledgement is lost on its way: then it comes again.</summary>
    internal void Complete(Delivery delivery, bool deadLettered = false)
    {
        if (delivery.Done) return;
        if (connection.LosesAcknowledgement(Topic)) Return(delivery);
        else Settle(delivery, deadLettered);
    }

    /// <summary>The acknowledgement arrived.</summary>
    protected abstract void Settle(Delivery delivery, bool deadLettered);

    /// <summary>The delivery failed and is to come again after a pause.</summary>
    internal abstract void Park(Delivery delivery);

    /// <summary>A receiver went away before the delivery was over: the next one gets it.</summary>
    internal void Return(Delivery delivery) => ready.Writer.TryWrite(delivery);

    protected void Offer(Delivery delivery)
    {
        ready.Writer.TryWrite(delivery);
        if (connection.Duplicates(Topic)) ready.Writer.TryWrite(delivery);
    }
}
