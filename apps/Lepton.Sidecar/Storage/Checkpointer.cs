namespace Lepton.Sidecar.Storage;

/// <summary>
/// Moves the write-ahead log into the database file on a connection of its own: SQLite's automatic checkpoint would put 5-20 ms into the writer's p99.
/// The log begins anew only when nothing is left to be moved, which under steady writing is never: once little is left the writer moves that itself.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private const long MoveAbove = 4 << 20;
    private const long RestartAbove = 16 << 20;
    private const long TruncateAbove = 64 << 20;

    /// <summary>Pages that the writer moves within a millisecond or two.</summary>
    private const long FewPages = 512;
    private readonly Session session;
    private readonly GroupWriter writer;
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    internal Checkpointer(string file, GroupWriter writer)
    {
        this.writer = writer;
        session = new Session(file);
        session.Script("PRAGMA busy_timeout=50");
        loop = Task.Run(LoopAsync);
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        long seen = 0;
        while (await NextAsync(timer).ConfigureAwait(false))
        {
            if (writer.Commits == seen) continue;
            seen = writer.Commits;
            var log = new FileInfo(session.File + "-wal");
            if (log.Exists && log.Length >= MoveAbove) Move(log.Length);
        }
    }

    private void Move(long length)
    {
        try
        {
            for (var left = long.MaxValue; left > FewPages && !stop.IsCancellationRequested;)
            {
                var before = left;
                using (var rows = session.Query("PRAGMA wal_checkpoint(PASSIVE)"))
                {
                    left = rows.Read() ? rows.Number(1) - rows.Number(2) : 0;
                }
                // A reader holds it back, or the writer is as fast: the next tick goes on.
                if (left >= before) return;
            }
            if (length >= RestartAbove) writer.Restart(length >= TruncateAbove ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(RESTART)");
        }
        catch (StorageException)
        {
            // Busy, or no room to move pages into: the log itself holds everything, so the next tick may try again.
        }
    }

    private async ValueTask<bool> NextAsync(PeriodicTimer timer)
    {
        try { return await timer.WaitForNextTickAsync(stop.Token).ConfigureAwait(false); }
        catch (OperationCanceledException) { return false; }
    }

    public void Dispose()
    {
        stop.Cancel();
        loop.GetAwaiter().GetResult();
        session.Dispose();
        stop.Dispose();
    }
}
