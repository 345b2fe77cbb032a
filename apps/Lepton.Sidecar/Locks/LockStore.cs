using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Locks;

/// <summary>How an unlock ended; the numbers are those of the API.</summary>
internal enum Unlocked { Success = 0, DoesNotExist = 1, BelongsToOthers = 2 }

/// <summary>The locks of one lock component: each has an owner and an end.</summary>
internal sealed class LockStore(string world, Database database, TimeProvider time)
{
    private readonly long id = Worlds.IdOf(database, world);

    /// <summary>Takes the lock; false while somebody has it, its owner included.</summary>
    internal Task<bool> TakeAsync(string key, string owner, TimeSpan length) => database.WriteAsync(write =>
    {
        var now = time.GetUtcNow();
        write.Execute("DELETE FROM lock WHERE world=?1 AND key=?2 AND expires<=?3", id, key, now.ToUnixTimeMilliseconds());
        return write.Execute("INSERT OR IGNORE INTO lock(world, key, owner, expires) VALUES(?1, ?2, ?3, ?4)", id, key, owner, (now + length).ToUnixTimeMilliseconds()) > 0;
    });

    internal Task<Unlocked> ReleaseAsync(string key, string owner) => database.WriteAsync(write =>
    {
        string? current = null;
        using (var rows = write.Query("SELECT owner FROM lock WHERE world=?1 AND key=?2 AND expires>?3", id, key, time.GetUtcNow().ToUnixTimeMilliseconds()))
            if (rows.Read()) current = rows.Text(0);
        if (current is null) return Unlocked.DoesNotExist;
        if (current != owner) return Unlocked.BelongsToOthers;
        write.Execute("DELETE FROM lock WHERE world=?1 AND key=?2", id, key);
        return Unlocked.Success;
    });
}
