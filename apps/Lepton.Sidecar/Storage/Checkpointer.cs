namespace Lepton.Sidecar.Storage;

/// <summary>
/// Moves the write-ahead log into the database file on a connection of its own: SQLite's automatic checkpoint would put 5-20 ms into the writer's p99.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private const long PassiveAbove = 4 << 20;
    private const long TruncateAbove = 64 << 20;
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
            if (!log.Exists || log.Length < PassiveAbove) continue;
            try
            {
                session.Script(log.Length < TruncateAbove ? "PRAGMA wal_checkpoint(PASSIVE)" : "PRAGMA wal_checkpoint(TRUNCATE)");
            }
            catch (StorageException)
            {
                // Busy, or no room to move pages into: the log itself holds everything, so the next tick may try again.
            }
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
