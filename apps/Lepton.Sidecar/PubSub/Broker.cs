using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.PubSub;

/// <summary>An emulated broker: topics that messages are published to and consumers take from.</summary>
internal abstract class Broker(TimeProvider time)
{
    /// <summary>The way to it, which a test may spoil.</summary>
    internal Connection Connection { get; } = new(time);

    /// <summary>Messages were stored; whoever passes them on outside is told.</summary>
    internal event Action<string, IReadOnlyList<Message>>? Stored;

    protected bool IsWatched => Stored is not null;

    protected void Tell(string topic, IReadOnlyList<Message> messages) => Stored?.Invoke(topic, messages);

    /// <summary>Completes when the messages are stored as safely as the broker stores.</summary>
    internal Task PublishAsync(string topic, IReadOnlyList<Message> messages) =>
        Connection.Down ? Task.FromException(new StorageException("the broker is disconnected; connect it again, or let the time go on")) : StoreAsync(topic, messages);

    /// <inheritdoc cref="PublishAsync"/>
    protected abstract Task StoreAsync(string topic, IReadOnlyList<Message> messages);

    /// <summary>What stores the messages inside a write of a caller to <paramref name="database"/>; null when the broker does not keep them there.</summary>
    internal virtual Action<WriteTransaction>? AppendTo(Database database, string topic, IReadOnlyList<Message> messages) => null;

    /// <summary>Opens what waits for a consumer; <paramref name="subscription"/> tells apart several subscriptions of one consumer where the broker does.</summary>
    internal abstract Inbox Open(string topic, string consumer, object subscription);

    /// <summary>The subscription is over.</summary>
    internal abstract void Close(Inbox inbox);

    /// <summary>Every inbox, for the status.</summary>
    internal abstract IReadOnlyList<Inbox> Inboxes { get; }
}
