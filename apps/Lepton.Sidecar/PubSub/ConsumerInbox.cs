using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.PubSub;

/// <summary>
/// A durable consumer of a topic. It holds a window of the log in memory: waiting, on its way, or done out of order. What is done moves the cursor,
/// and one row carries it all, however many acknowledgements one commit gathers.
/// </summary>
internal sealed class ConsumerInbox : Inbox
{
    private const int Window = 1_024;
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromDays(7);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly LinkedList<Delivery> window = new();
    private readonly HashSet<long> doneBefore;
    private readonly Topic topic;
    private readonly ParkingLot parking;
    private readonly TimeProvider time;
    private readonly long id;
    private DateTimeOffset seen;
    private long loaded;
    private long dead;
    private int receivers;
    private bool loading;
    private bool flushing;

    internal ConsumerInbox(Topic topic, string consumer, long id, long cursor, string done, long dead, DateTimeOffset seen, TimeProvider time, Connection connection) : base(topic.Name, consumer, connection)
    {
        (this.topic, this.id, Cursor, loaded, this.dead, this.seen, this.time) = (topic, id, cursor, cursor, dead, seen, time);
        doneBefore = [.. NumberRanges.Read(done, cursor)];
        parking = new ParkingLot(topic.Database, id, time, Offer);
    }

    internal override bool KeepsFailed => true;

    internal override bool Serial => false;

    /// <summary>Everything up to this number is done.</summary>
    internal long Cursor { get; private set; }

    internal override long DeadLettered => Interlocked.Read(ref dead);

    internal override long Pending
    {
        get
        {
            long waiting, from;
            lock (gate) (waiting, from) = (window.Count(d => !d.Done), loaded);
            return waiting + (from < topic.Committed ? topic.CountAfter(from) : 0) + parking.Count();
        }
    }

    /// <summary>Nobody has taken from it for a week: it no longer holds the log.</summary>
    internal bool Forgotten
    {
        get
        {
            lock (gate) return receivers == 0 && time.GetUtcNow() - seen > ForgottenAfter;
        }
    }

    internal void Join()
    {
        lock (gate) receivers++;
        LoadMore();
        parking.Start();
    }

    internal void Leave()
    {
        lock (gate)
        {
            seen = time.GetUtcNow();
            if (--receivers > 0) return;
        }
        parking.Stop();
    }

    /// <summary>New messages are stored; called on the writer thread, in order.</summary>
    internal void Arrived(long begin, IReadOnlyList<Message> messages)
    {
        lock (gate)
        {
            // With nobody to take them, or a full window, they are read from the log when their turn comes.
            if (receivers == 0 || loading || window.Count >= Window) return;
            if (loaded == begin - 1)
            {
                for (var i = 0; i < messages.Count; i++) Admit(new Delivery(begin + i, messages[i]));
                return;
            }
        }
        LoadMore();
    }

    protected override void Settle(Delivery delivery, bool deadLettered)
    {
        if (deadLettered) Interlocked.Increment(ref dead);
        if (delivery.Parked) parking.Remove(delivery);
        else Done(delivery);
        if (window.Count < Window / 2) LoadMore();
    }

    internal override void Park(Delivery delivery)
    {
        if (delivery.Parked) parking.Postpone(delivery);
        else parking.Add(delivery, () => Done(delivery));
    }

    private void Done(Delivery delivery)
    {
        lock (gate)
        {
            delivery.Done = true;
            while (window.First is { Value.Done: true } head)
            {
                Cursor = head.Value.Number;
                window.RemoveFirst();
            }
            if (flushing) return;
            flushing = true;
        }
        _ = FlushAsync();
    }

    /// <summary>Writes where the consumer stands; whatever else is done before the writer gets to it goes with it.</summary>
    private async Task FlushAsync()
    {
        while (true)
        {
            try
            {
                await topic.Database.WriteAsync(Flush).ConfigureAwait(false);
                return;
            }
            catch (StorageException) when (!topic.Database.Closed)
            {
                // A full disk: the acknowledgements stay in memory until there is room.
                await Task.Delay(RetryPause, time).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                return;
            }
        }
    }

    private bool Flush(WriteTransaction transaction)
    {
        long cursor;
        string done;
        lock (gate)
        {
            flushing = false;
            cursor = Cursor;
            // What was done before a restart and is not loaded yet lies beyond the window, and stays done.
            done = NumberRanges.Write(window.Where(d => d.Done).Select(d => d.Number).Concat(doneBefore.Order()), cursor);
        }
        transaction.Execute("UPDATE consumer SET cursor=?2, done=?3, dead=?4, seen=?5 WHERE id=?1", id, cursor, done, DeadLettered, time.GetUtcNow().ToUnixTimeSeconds());
        topic.TrimDone(transaction);
        return true;
    }

    /// <summary>Fills the window from the log, unless that is under way or there is nothing more.</summary>
    private void LoadMore()
    {
        lock (gate)
        {
            if (loading || receivers == 0 || loaded >= topic.Committed || window.Count >= Window) return;
            loading = true;
        }
        _ = Task.Run(LoadAsync);
    }

    private async Task LoadAsync()
    {
        while (!topic.Database.Closed)
        {
            var (after, target) = (loaded, topic.Committed);
            List<Delivery> batch;
            try
            {
                batch = topic.Read(after, Window / 4);
            }
            catch (StorageException)
            {
                await Task.Delay(RetryPause, time).ConfigureAwait(false);
                continue;
            }
            lock (gate)
            {
                foreach (var delivery in batch) Admit(delivery);
                if (batch.Count == 0) loaded = Math.Max(loaded, target);
                if (window.Count < Window && loaded < topic.Committed && receivers > 0) continue;
                loading = false;
                return;
            }
        }
    }

    private void Admit(Delivery delivery)
    {
        loaded = delivery.Number;
        if (doneBefore.Count > 0 && doneBefore.Remove(delivery.Number)) delivery.Done = true;
        if (delivery.Done && window.Count == 0)
        {
            Cursor = delivery.Number;
            return;
        }
        window.AddLast(delivery);
        if (!delivery.Done) Offer(delivery);
    }
}
