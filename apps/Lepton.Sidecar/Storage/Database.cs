using System.Collections.Concurrent;

namespace Lepton.Sidecar.Storage;

/// <summary>
/// The runtime's store: one SQLite file, one writer with group commit, pooled readers. A write is acknowledged only when it is on disk
/// (WAL with synchronous=FULL), so neither kill -9 nor a power cut loses one.
/// </summary>
internal sealed class Database : IDisposable
{
    private readonly ConcurrentBag<Session> readers = [];
    private readonly Lock? shared;
    private readonly WriteTransaction? memory;
    private readonly GroupWriter writer;
    private readonly Checkpointer? checkpointer;
    private readonly FolderLock? folder;
    private bool crashed;

    private Database(FolderLock? folder, WriteTransaction session)
    {
        (this.folder, File) = (folder, session.File);
        if (folder is null) (memory, shared) = (session, new Lock());
        writer = new GroupWriter(session, shared);
        if (folder is not null) checkpointer = new Checkpointer(File, writer);
    }

    /// <summary>The database file, or ":memory:".</summary>
    public string File { get; }

    /// <summary>No more work is taken.</summary>
    public bool Closed => writer.Stopping;

    /// <summary>Opens (or makes) the store of a state folder.</summary>
    /// <exception cref="StorageException">The folder is in use, not writable, or its file is damaged; the message says which and what to do.</exception>
    public static Database Open(string folder)
    {
        var held = new FolderLock(folder);
        try
        {
            return new(held, Prepared(Path.Combine(folder, "runtime.db"), "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384"));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A store that lives as long as the object.</summary>
    public static Database InMemory() => new(null, Prepared(":memory:", ""));

    /// <summary>
    /// Ends as a crash would and gives the store as the next process would find it: what was committed. Whoever still holds this one can write no more.
    /// </summary>
    internal Database Crash()
    {
        crashed = true;
        checkpointer?.Dispose();
        var session = writer.Abandon();
        if (memory is not null) return new(null, session);
        session.Dispose();
        Release();
        return Open(Path.GetDirectoryName(File)!);
    }

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
        if (crashed) return;
        checkpointer?.Dispose();
        writer.Stop();
        Release();
    }

    private void Release()
    {
        foreach (var session in readers) session.Dispose();
        readers.Clear();
        folder?.Dispose();
    }

    private static WriteTransaction Prepared(string file, string settings)
    {
        var session = new WriteTransaction(file);
        try
        {
            session.Script(settings);
            Schema.Apply(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
