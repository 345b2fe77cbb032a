using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.PubSub;

/// <summary>Failed deliveries of one consumer, kept aside so that they hold up nothing, and offered again after 1, 2, 4 ... 60 seconds.</summary>
internal sealed class ParkingLot(Database database, long consumer, TimeProvider time, Action<Delivery> offer)
{
    private const int Batch = 64;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private readonly Lock gate = new();
    private readonly HashSet<long> offered = [];
    private bool running;
    private int round;
    private TaskCompletionSource changed = New();

    internal void Start()
    {
        lock (gate)
        {
            if (running) return;
            running = true;
            var mine = ++round;
            _ = Task.Run(() => LoopAsync(mine));
        }
    }

    internal void Stop()
    {
        lock (gate) running = false;
        Signal();
    }

    internal void Add(Delivery delivery, Action parked) => _ = WriteAsync(transaction =>
    {
        transaction.Execute("INSERT OR REPLACE INTO parked(consumer, number, due, attempts, payload, metadata) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            consumer, delivery.Number, Due(1), 1, delivery.Message.Payload, delivery.Message.PackedMetadata());
        transaction.OnCommitted(() =>
        {
            parked();
            Signal();
        });
    });

    internal void Postpone(Delivery delivery) => _ = WriteAsync(transaction =>
    {
        transaction.Execute("UPDATE parked SET due=?3, attempts=?4 WHERE consumer=?1 AND number=?2", consumer, delivery.Number, Due(delivery.Attempts + 1), delivery.Attempts + 1);
        transaction.OnCommitted(() => Free(delivery));
    });

    internal void Remove(Delivery delivery) => _ = WriteAsync(transaction =>
    {
        transaction.Execute("DELETE FROM parked WHERE consumer=?1 AND number=?2", consumer, delivery.Number);
        transaction.OnCommitted(() => Free(delivery));
    });

    /// <summary>Writes until it holds: on a full disk the delivery waits in memory.</summary>
    private async Task WriteAsync(Action<WriteTransaction> write)
    {
        while (!database.Closed)
        {
            try
            {
                await database.WriteAsync(write).ConfigureAwait(false);
                return;
            }
            catch (StorageException)
            {
                await Task.Delay(LongestPause / 60, time).ConfigureAwait(false);
            }
        }
    }

    internal long Count() => database.Read(session => Topic.Scalar(session, "SELECT COUNT(*) FROM parked WHERE consumer=?1", consumer));

    private async Task LoopAsync(int mine)
    {
        while (!database.Closed)
        {
            Task signal;
            lock (gate)
            {
                if (!running || round != mine) return;
                signal = changed.Task;
            }
            var pause = LongestPause / 60;
            try
            {
                OfferDue();
                pause = NextDue() is { } due ? TimeSpan.FromMilliseconds(Math.Clamp(due - Now, 20, 60_000)) : LongestPause;
            }
            catch (StorageException)
            {
                // The disk does not answer; the deliveries are safe in it and come when it does.
            }
            await Task.WhenAny(signal, Task.Delay(pause, time)).ConfigureAwait(false);
        }
    }

    private void OfferDue()
    {
        var due = database.Read(session =>
        {
            var found = new List<Delivery>();
            using var rows = session.Query("SELECT number, payload, metadata, attempts FROM parked WHERE consumer=?1 AND due<=?2 ORDER BY due LIMIT ?3", consumer, Now, Batch + Out);
            while (rows.Read()) found.Add(new Delivery(rows.Number(0), new Message(rows.Blob(1)!, Message.Unpack(rows.Text(2))), (int)rows.Number(3), parked: true));
            return found;
        });
        foreach (var delivery in due)
        {
            lock (gate)
            {
                if (!offered.Add(delivery.Number)) continue;
            }
            offer(delivery);
        }
    }

    private long? NextDue() => database.Read<long?>(session =>
    {
        using var rows = session.Query("SELECT number, due FROM parked WHERE consumer=?1 ORDER BY due LIMIT ?2", consumer, Batch + Out);
        while (rows.Read())
        {
            lock (gate)
            {
                if (!offered.Contains(rows.Number(0))) return rows.Number(1);
            }
        }
        return null;
    });

    private int Out
    {
        get
        {
            lock (gate) return offered.Count;
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long Due(int attempts) => Now + (long)Math.Min(LongestPause.TotalMilliseconds, 1000 * Math.Pow(2, Math.Min(attempts - 1, 10)));

    private void Free(Delivery delivery)
    {
        lock (gate) offered.Remove(delivery.Number);
        Signal();
    }

    private void Signal()
    {
        lock (gate)
        {
            changed.TrySetResult();
            changed = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
