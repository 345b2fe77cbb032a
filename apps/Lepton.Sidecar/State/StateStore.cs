using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.State;

/// <summary>A state component of one app: a named world of keys in the runtime's database.</summary>
internal sealed class StateStore(string name, string world, Database database, TimeProvider time)
{
    private readonly long id = Worlds.IdOf(database, world);

    internal string Name { get; } = name;

    /// <summary>All ETags of a transaction are held against what was there before it, not each against what the changes before it left.</summary>
    internal bool ChecksFirst { get; init; }

    /// <summary>The database the keys live in; a caller that must change them together with its own rows writes there with <c>Apply</c>.</summary>
    internal Database Database { get; } = database;

    internal StateItem? Get(string key) => Database.Read(session => Get(session, key));

    internal StateItem?[] Get(IReadOnlyList<string> keys) => Database.Read(session =>
    {
        var items = new StateItem?[keys.Count];
        for (var i = 0; i < items.Length; i++) items[i] = Get(session, keys[i]);
        return items;
    });

    /// <summary>All keys that begin with <paramref name="prefix"/>, in order.</summary>
    internal List<(string Key, StateItem Item)> WithPrefix(string prefix) => Database.Read(session =>
    {
        var found = new List<(string, StateItem)>();
        using var rows = session.Query(
            "SELECT key, value, etag, expires FROM state WHERE world=?1 AND key>=?2 AND key<?3 AND (expires IS NULL OR expires>?4)",
            id, prefix, After(prefix), Now);
        while (rows.Read()) found.Add((rows.Text(0)!, Item(rows, 1)));
        return found;
    });

    /// <summary>Stores all changes or none, durably, before the task completes.</summary>
    /// <exception cref="StateConflictException">An ETag did not hold.</exception>
    internal Task TransactAsync(IReadOnlyList<StateChange> changes) => Database.WriteAsync(transaction => Apply(transaction, changes));

    /// <summary>The same inside a caller's own write.</summary>
    internal void Apply(WriteTransaction transaction, IReadOnlyList<StateChange> changes)
    {
        if (ChecksFirst) foreach (var change in changes) Guard(transaction, change);
        foreach (var change in changes) Apply(transaction, change);
    }

    internal Task DeletePrefixAsync(string prefix) => Database.WriteAsync(transaction =>
        transaction.Execute("DELETE FROM state WHERE world=?1 AND key>=?2 AND key<?3", id, prefix, After(prefix)));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string After(string prefix) => prefix + "\U0010FFFF";

    private StateItem? Get(Session session, string key)
    {
        using var rows = session.Query("SELECT value, etag, expires FROM state WHERE world=?1 AND key=?2", id, key);
        if (!rows.Read() || (!rows.IsNull(2) && rows.Number(2) <= Now)) return null;
        return Item(rows, 0);
    }

    private static StateItem Item(Rows rows, int column) => new(
        rows.Span(column).ToArray(),
        rows.Text(column + 1)!,
        rows.IsNull(column + 2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(column + 2)));

    private void Apply(WriteTransaction transaction, in StateChange change)
    {
        if (!ChecksFirst) Guard(transaction, change);
        if (change.IsDelete)
        {
            transaction.Execute("DELETE FROM state WHERE world=?1 AND key=?2", id, change.Key);
            return;
        }
        long? expires = change.Ttl is { } ttl ? Now + (long)ttl.TotalMilliseconds : null;
        transaction.Execute(
            "INSERT INTO state(world, key, value, etag, expires) VALUES(?1, ?2, ?3, ?4, ?5) " +
            "ON CONFLICT(world, key) DO UPDATE SET value=excluded.value, etag=excluded.etag, expires=excluded.expires",
            id, change.Key, change.Value, Guid.NewGuid().ToString(), expires);
    }

    private void Guard(WriteTransaction transaction, in StateChange change)
    {
        if (change.ETag is not { Length: > 0 } && !change.FirstWrite) return;
        string? current = null;
        using (var rows = transaction.Query("SELECT etag, expires FROM state WHERE world=?1 AND key=?2", id, change.Key))
        {
            if (rows.Read() && (rows.IsNull(1) || rows.Number(1) > Now)) current = rows.Text(0);
        }
        if (change.ETag is not { Length: > 0 } expected)
        {
            if (current is not null) throw new StateConflictException("item already exists and no etag was passed");
        }
        else if (current is null)
        {
            throw new StateConflictException($"state not exist or expired for key={change.Key}");
        }
        else if (current != expected)
        {
            throw new StateConflictException($"state etag not match for key={change.Key}: current={current}, expect={expected}");
        }
    }
}
