namespace Lepton.Sidecar.PubSub;

/// <summary>An emulated broker: topics that messages are published to and consumers take from.</summary>
internal abstract class Broker
{
    /// <summary>Completes when the messages are stored as safely as the broker stores.</summary>
    internal abstract Task PublishAsync(string topic, IReadOnlyList<Message> messages);

    /// <summary>Opens what waits for a consumer; <paramref name="subscription"/> tells apart several subscriptions of one consumer where the broker does.</summary>
    internal abstract Inbox Open(string topic, string consumer, object subscription);

    /// <summary>The subscription is over.</summary>
    internal abstract void Close(Inbox inbox);

    /// <summary>Every inbox, for the status.</summary>
    internal abstract IReadOnlyList<Inbox> Inboxes { get; }
}
