namespace Lepton.Sidecar.Storage;

/// <summary>
/// The one thread that writes. Everything queued while a commit was under way shares the next one, so a durable commit costs each caller little:
/// feasibility figures on the reference machine are 7 k commits/s alone and 100 k rows/s in groups.
/// </summary>
internal sealed class GroupWriter
{
    private const int Capacity = 65_536;
    private readonly Lock? shared;
    private readonly object gate = new();
    private readonly Thread thread;
    private readonly WriteTransaction transaction;
    private List<Work> queued = [];
    private bool stopping;
    private string? restart;

    /// <param name="transaction">The session to write on; the writer owns it.</param>
    /// <param name="shared">A lock readers of the same session take (the in-memory variant), or null.</param>
    internal GroupWriter(WriteTransaction transaction, Lock? shared)
    {
        (this.transaction, this.shared) = (transaction, shared);
        thread = new Thread(Loop) { IsBackground = true, Name = "lepton-writer" };
        thread.Start();
    }

    internal long Commits { get; private set; }

    internal bool Stopping => Volatile.Read(ref stopping);

    /// <summary>Queues the work, or says why it cannot be.</summary>
    internal StorageException? TryEnqueue(Work work)
    {
        lock (gate)
        {
            if (stopping) return new StorageException($"'{transaction.File}' is closed.");
            if (queued.Count >= Capacity) return new StorageException($"More than {Capacity} writes wait for '{transaction.File}': the disk does not keep up. Slow the callers down.");
            queued.Add(work);
            if (queued.Count == 1) Monitor.Pulse(gate);
            return null;
        }
    }

    /// <summary>Asks for a checkpoint between two groups, where no lock has to be waited for.</summary>
    internal void Restart(string checkpoint) => Volatile.Write(ref restart, checkpoint);

    internal void Stop()
    {
        Halt(abandon: false);
        transaction.Dispose();
    }

    /// <summary>Ends as a crash would: what is queued is refused, what is committed stays. The session is the caller's again.</summary>
    internal WriteTransaction Abandon()
    {
        Halt(abandon: true);
        return transaction;
    }

    private void Halt(bool abandon)
    {
        List<Work> refused = [];
        lock (gate)
        {
            stopping = true;
            if (abandon) (refused, queued) = (queued, refused);
            Monitor.Pulse(gate);
        }
        foreach (var work in refused)
        {
            work.Fault = new StorageException($"'{transaction.File}' is closed.");
            work.Complete();
        }
        thread.Join();
    }

    private void Loop()
    {
        var group = new List<Work>();
        while (true)
        {
            lock (gate)
            {
                while (queued.Count == 0 && !stopping) Monitor.Wait(gate);
                if (queued.Count == 0) return;
                (group, queued) = (queued, group);
            }
            if (shared is null) Commit(group);
            else lock (shared) Commit(group);
            foreach (var work in group) work.Complete();
            group.Clear();
            if (Interlocked.Exchange(ref restart, null) is { } checkpoint) Checkpoint(checkpoint);
        }
    }

    private void Checkpoint(string checkpoint)
    {
        try
        {
            // A reader that takes its time must not hold up the writers: then it is for another time.
            transaction.WaitForLocks(5);
            transaction.Execute(checkpoint);
        }
        catch (StorageException)
        {
            // No room to move pages into: the log holds everything, and grows meanwhile.
        }
        finally
        {
            transaction.WaitForLocks(Session.Patience);
        }
    }

    private void Commit(List<Work> group)
    {
        try
        {
            transaction.Execute("BEGIN IMMEDIATE");
            foreach (var work in group) RunOne(work);
            transaction.Execute("COMMIT");
            Commits++;
            transaction.RunCommitted();
        }
        catch (Exception fault)
        {
            transaction.Forget(0);
            Rollback();
            foreach (var work in group) work.Fault ??= fault;
        }
    }

    private void RunOne(Work work)
    {
        var mark = transaction.Mark;
        transaction.Execute("SAVEPOINT work");
        try
        {
            work.Run(transaction);
        }
        catch (Exception fault)
        {
            work.Fault = fault;
            transaction.Forget(mark);
            // A full disk makes SQLite drop the whole transaction: then nobody of the group may be told it was stored.
            if (!transaction.InTransaction) throw;
            transaction.Execute("ROLLBACK TO work");
        }
        transaction.Execute("RELEASE work");
    }

    private void Rollback()
    {
        try
        {
            if (transaction.InTransaction) transaction.Execute("ROLLBACK");
        }
        catch (StorageException) when (!transaction.InTransaction)
        {
            // SQLite had rolled back by itself.
        }
    }
}
