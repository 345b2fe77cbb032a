using System.Collections.Concurrent;

namespace Lepton.Sidecar.Storage;

/// <summary>
/// The runtime's store: one SQLite file, one writer with group commit, pooled readers. A write is acknowledged only when it is on disk
/// (WAL with synchronous=FULL), so neither kill -9 nor a power cut loses one.
/// </summary>
public sealed class Database : IDisposable
{
    private readonly ConcurrentBag<Session> readers = [];
    private readonly Lock? shared;
    private readonly WriteTransaction? memory;
    private readonly GroupWriter writer;
    private readonly Checkpointer? checkpointer;
    private readonly FolderLock? folder;

    private Database(FolderLock? folder, string file, bool durable)
    {
        this.folder = folder;
        File = file;
        var session = new WriteTransaction(durable ? file : ":memory:");
        try
        {
            if (durable)
            {
                session.Script("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384");
            }
            Schema.Apply(session);
        }
        catch
        {
            session.Dispose();
            folder?.Dispose();
            throw;
        }
        if (!durable) (memory, shared) = (session, new Lock());
        writer = new GroupWriter(session, shared);
        if (durable) checkpointer = new Checkpointer(file, writer);
    }

    /// <summary>The database file, or ":memory:".</summary>
    public string File { get; }

    /// <summary>No more work is taken.</summary>
    public bool Closed => writer.Stopping;

    /// <summary>Opens (or makes) the store of a state folder.</summary>
    /// <exception cref="StorageException">The folder is in use, not writable, or its file is damaged; the message says which and what to do.</exception>
    public static Database Open(string folder) => new(new FolderLock(folder), Path.Combine(folder, "runtime.db"), durable: true);

    /// <summary>A store that lives as long as the object.</summary>
    public static Database InMemory() => new(null, ":memory:", durable: false);

    /// <summary>
    /// Queues <paramref name="work"/>. Work runs in arrival order on the writer thread, each in a savepoint of its own: one that throws undoes only itself
    /// and faults only its task. The task completes after the commit that holds it is durable. Work must be short and must not wait.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<WriteTransaction, T> work)
    {
        var item = new Work<T>(work);
        return writer.TryEnqueue(item) is { } refusal ? Task.FromException<T>(refusal) : item.Task;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<WriteTransaction> work) => WriteAsync(transaction =>
    {
        work(transaction);
        return true;
    });

    /// <summary>Reads on a pooled connection; sees everything acknowledged before the call.</summary>
    public T Read<T>(Func<Session, T> read)
    {
        if (memory is not null)
        {
            lock (shared!) return read(memory);
        }
        if (!readers.TryTake(out var session)) session = new Session(File, readOnly: true);
        try
        {
            return read(session);
        }
        finally
        {
            readers.Add(session);
        }
    }

    /// <summary>Lets the queued work finish, folds the log into the file and closes it.</summary>
    public void Dispose()
    {
        checkpointer?.Dispose();
        writer.Stop();
        foreach (var session in readers) session.Dispose();
        readers.Clear();
        folder?.Dispose();
    }
}
