using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resiliency;
using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.PubSub;

/// <summary>Delivers in batches: a full one goes at once, a part after the longest wait since its first event.</summary>
internal sealed class BulkSubscriber(VirtualSidecar sidecar, PubSubComponent component, Subscription subscription) : Subscriber(sidecar, component, subscription)
{
    /// <summary>A timer keeps a millisecond as one or two: who asks for so little wants what is there to go at once. While batches are under way the next one gathers anyway.</summary>
    private static readonly TimeSpan ShorterThanATimer = TimeSpan.FromMilliseconds(1);

    private readonly BulkSubscribe bulk = subscription.Bulk!;
    private BulkSender sender = null!;

    protected override async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        sender = Sidecar.App.IsGrpc
            ? new GrpcBulkSender(Sidecar.App, Component.Name, Subscription, Settlement.Keeps)
            : new HttpBulkSender(Sidecar.App, Component.Name, Subscription, Settlement.Keeps);
        using var slots = new SemaphoreSlim(Inbox.Serial ? 1 : Math.Max(1, Component.Concurrency / 8));
        var sent = new List<Task>();
        while (await CollectAsync(slots).ConfigureAwait(false) is { } batch)
        {
            sent.RemoveAll(t => t.IsCompleted);
            sent.Add(DeliverAsync(batch, slots));
        }
        await Task.WhenAll(sent).ConfigureAwait(false);
    }

    /// <summary>Waits for a free slot first: what comes meanwhile goes with the same batch.</summary>
    private async Task<List<Delivery>?> CollectAsync(SemaphoreSlim slots)
    {
        var batch = new List<Delivery>();
        try
        {
            await slots.WaitAsync(Taking).ConfigureAwait(false);
            batch.Add(await Inbox.TakeAsync(Taking).ConfigureAwait(false));
            while (batch.Count < bulk.MaxMessages && Inbox.Ready.TryRead(out var more)) batch.Add(more);
            if (batch.Count == bulk.MaxMessages || bulk.MaxAwait <= ShorterThanATimer) return batch;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Taking);
            limit.CancelAfter(bulk.MaxAwait);
            while (batch.Count < bulk.MaxMessages && await MoreAsync(limit.Token).ConfigureAwait(false))
                while (batch.Count < bulk.MaxMessages && Inbox.Ready.TryRead(out var more)) batch.Add(more);
            return batch;
        }
        catch (OperationCanceledException)
        {
            foreach (var delivery in batch) Inbox.Return(delivery);
            return null;
        }
    }

    private async ValueTask<bool> MoreAsync(CancellationToken limit)
    {
        try
        {
            return await Inbox.Ready.WaitToReadAsync(limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Taking.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task DeliverAsync(List<Delivery> batch, SemaphoreSlim slots)
    {
        var open = new List<BulkEntry>(batch.Count);
        try
        {
            foreach (var delivery in batch)
            {
                if (Prepare(delivery, out var outgoing) is { } early) await Settlement.SettleAsync(delivery, early).ConfigureAwait(false);
                else open.Add(new BulkEntry(delivery, outgoing));
            }
            while (open.Count > 0)
            {
                var path = open[0].Outgoing.Path;
                var same = open.FindAll(e => e.Outgoing.Path == path);
                open.RemoveAll(e => e.Outgoing.Path == path);
                await DeliverAsync(path, same).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            foreach (var entry in open.Where(e => !e.Delivery.Done)) Inbox.Return(entry.Delivery);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task DeliverAsync(string path, List<BulkEntry> entries)
    {
        try
        {
            while (entries.Count > 0)
            {
                var (outcome, refusal) = await Guard.RunAsync(stop => AttemptAsync(path, entries, stop), null, Sending).ConfigureAwait(false);
                if (refusal == Refusal.None && outcome == Outcome.Unreachable)
                {
                    await AppAsync().ConfigureAwait(false);
                    continue;
                }
                foreach (var entry in entries) await Settlement.SettleAsync(entry.Delivery, Outcome.Failed).ConfigureAwait(false);
                return;
            }
        }
        catch (OperationCanceledException)
        {
            foreach (var entry in entries) Inbox.Return(entry.Delivery);
        }
    }

    /// <summary>Sends what is left; what the app took or dropped is settled and leaves the list, so that a retry carries only the rest.</summary>
    private async Task<Attempt<Outcome>> AttemptAsync(string path, List<BulkEntry> entries, CancellationToken stop)
    {
        var attempt = await sender.SendAsync(path, entries, stop).ConfigureAwait(false);
        foreach (var entry in entries.Where(e => e.Outcome is Outcome.Success or Outcome.Drop))
        {
            // A 404 drops the whole batch, without dead letters.
            if (attempt.Status == 404) Inbox.Complete(entry.Delivery);
            else await Settlement.SettleAsync(entry.Delivery, entry.Outcome!.Value).ConfigureAwait(false);
        }
        entries.RemoveAll(e => e.Outcome is Outcome.Success or Outcome.Drop);
        return entries.Count == 0 ? new(Outcome.Success, Verdict.Final) : attempt;
    }
}

/// <summary>One event of a batch. Its id stays the same when it is sent again.</summary>
internal sealed class BulkEntry(Delivery delivery, Outgoing outgoing)
{
    internal string Id { get; } = Guid.NewGuid().ToString();

    internal Delivery Delivery { get; } = delivery;

    internal Outgoing Outgoing { get; } = outgoing;

    internal Outcome? Outcome { get; set; }
}
