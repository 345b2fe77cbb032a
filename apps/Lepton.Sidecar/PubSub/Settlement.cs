using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.PubSub;

/// <summary>What becomes of a delivery once the app and the policies have had their say.</summary>
internal sealed class Settlement(PubSubComponent component, Subscription subscription, Inbox inbox, FailedDelivery failed)
{
    /// <summary>A failed delivery is kept and comes again: also what an app that is not there would have failed.</summary>
    internal bool Keeps { get; } = inbox.KeepsFailed && failed == FailedDelivery.KeepPending;

    internal async Task SettleAsync(Delivery delivery, Outcome outcome)
    {
        if (outcome is Outcome.Success || (outcome is Outcome.Drop && subscription.DeadLetterTopic.Length == 0))
        {
            inbox.Complete(delivery);
        }
        else if (subscription.DeadLetterTopic.Length > 0)
        {
            await DeadLetterAsync(delivery).ConfigureAwait(false);
        }
        else if (Keeps)
        {
            inbox.Park(delivery);
        }
        else
        {
            inbox.Complete(delivery);
        }
    }

    /// <summary>The same bytes and metadata; the delivery is over only when they are stored.</summary>
    private async Task DeadLetterAsync(Delivery delivery)
    {
        if (!component.Scopes.MayPublish(subscription.DeadLetterTopic))
        {
            // The app may not publish there, so neither may what it failed.
            inbox.Park(delivery);
            return;
        }
        try
        {
            await component.Broker.PublishAsync(subscription.DeadLetterTopic, [delivery.Message]).ConfigureAwait(false);
            inbox.Complete(delivery, deadLettered: true);
        }
        catch (StorageException)
        {
            inbox.Park(delivery);
        }
    }
}
