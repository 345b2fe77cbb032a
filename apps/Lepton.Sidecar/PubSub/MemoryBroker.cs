namespace Lepton.Sidecar.PubSub;

/// <summary>pubsub.in-memory: each subscription gets every message of its topic, one at a time, in order; what nobody is subscribed to is lost.</summary>
internal sealed class MemoryBroker(TimeProvider time) : Broker(time)
{
    private readonly Lock gate = new();
    private readonly List<MemoryInbox> inboxes = [];
    private long number;

    internal override IReadOnlyList<Inbox> Inboxes
    {
        get
        {
            lock (gate) return [.. inboxes];
        }
    }

    protected override Task StoreAsync(string topic, IReadOnlyList<Message> messages)
    {
        lock (gate)
        {
            foreach (var message in messages)
            {
                number++;
                foreach (var inbox in inboxes)
                    if (Matches(inbox.Topic, topic)) inbox.Add(new Delivery(number, message));
            }
        }
        return Task.CompletedTask;
    }

    internal override Inbox Open(string topic, string consumer, object subscription)
    {
        var inbox = new MemoryInbox(topic, consumer, Connection);
        lock (gate) inboxes.Add(inbox);
        return inbox;
    }

    internal override void Close(Inbox inbox)
    {
        lock (gate) inboxes.Remove((MemoryInbox)inbox);
    }

    /// <summary>A star at the end of a subscribed topic stands for any rest but none.</summary>
    private static bool Matches(string subscribed, string topic) =>
        subscribed == topic || (subscribed.EndsWith('*') && topic.Length >= subscribed.Length && topic.AsSpan().StartsWith(subscribed.AsSpan(0, subscribed.Length - 1), StringComparison.Ordinal));

    private sealed class MemoryInbox(string topic, string consumer, Connection connection) : Inbox(topic, consumer, connection)
    {
        private long pending, dead;

        internal override bool KeepsFailed => false;

        internal override bool Serial => true;

        internal override long Pending => Interlocked.Read(ref pending);

        internal override long DeadLettered => Interlocked.Read(ref dead);

        internal void Add(Delivery delivery)
        {
            Interlocked.Increment(ref pending);
            Offer(delivery);
        }

        protected override void Settle(Delivery delivery, bool deadLettered)
        {
            delivery.Done = true;
            Interlocked.Decrement(ref pending);
            if (deadLettered) Interlocked.Increment(ref dead);
        }

        internal override void Park(Delivery delivery) => Settle(delivery, deadLettered: false);
    }
}
