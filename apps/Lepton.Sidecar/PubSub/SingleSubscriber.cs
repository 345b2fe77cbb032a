using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>Delivers event by event.</summary>
internal sealed class SingleSubscriber(VirtualSidecar sidecar, PubSubComponent component, Subscription subscription, Func<bool, Sender> makeSender) : Subscriber(sidecar, component, subscription)
{
    private Sender sender = null!;

    protected override Task RunAsync()
    {
        sender = makeSender(Settlement.Keeps);
        var workers = new Task[Inbox.Serial ? 1 : Component.Concurrency];
        for (var i = 0; i < workers.Length; i++) workers[i] = WorkAsync();
        return Task.WhenAll(workers);
    }

    private async Task WorkAsync()
    {
        // The first await leaves the caller's thread, so that workers start side by side.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!Taking.IsCancellationRequested)
        {
            Delivery delivery;
            try
            {
                delivery = await Inbox.TakeAsync(Taking).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            try
            {
                await DeliverAsync(delivery).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                Inbox.Return(delivery);
                return;
            }
            catch (Exception fault)
            {
                // The edge of the loop: one delivery that fails in a way nobody thought of must not end the subscription.
                Sidecar.Runtime.Log($"{Sidecar.AppId}: a delivery of topic '{Subscription.Topic}' failed inside the runtime: {fault}");
                await Settlement.SettleAsync(delivery, Outcome.Failed).ConfigureAwait(false);
            }
        }
    }

    private async Task DeliverAsync(Delivery delivery)
    {
        if (Prepare(delivery, out var outgoing) is { } early)
        {
            await Settlement.SettleAsync(delivery, early).ConfigureAwait(false);
            return;
        }
        while (true)
        {
            var outcome = Guard.Empty
                ? (await sender.SendAsync(outgoing, Sending).ConfigureAwait(false)).Result
                : await GuardedAsync(outgoing).ConfigureAwait(false);
            if (outcome != Outcome.Unreachable)
            {
                await Settlement.SettleAsync(delivery, outcome).ConfigureAwait(false);
                return;
            }
            await AppAsync().ConfigureAwait(false);
        }
    }

    private async Task<Outcome> GuardedAsync(Outgoing outgoing)
    {
        var (outcome, refusal) = await Guard.RunAsync(stop => sender.SendAsync(outgoing, stop), null, Sending).ConfigureAwait(false);
        return refusal == Resiliency.Refusal.None ? outcome : Outcome.Failed;
    }
}
