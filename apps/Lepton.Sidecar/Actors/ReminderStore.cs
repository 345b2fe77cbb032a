using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>The SQL of the reminder table. What callers keep in memory they change in <c>committed</c>, which runs in the order of the commits.</summary>
internal sealed class ReminderStore(Database database)
{
    internal List<Reminder> All() => database.Read(session =>
    {
        var all = new List<Reminder>();
        using var rows = session.Query("SELECT type, actor, name, due, period, data, next, months, ticks, times, until, retries, pause, version, ttl FROM actor_reminder");
        while (rows.Read()) all.Add(Read(rows));
        return all;
    });

    private static Reminder Read(Rows rows)
    {
        var period = new Span((int)rows.Number(7), TimeSpan.FromTicks(rows.Number(8)));
        return new Reminder(rows.Text(0)!, rows.Text(1)!, rows.Text(2)!, rows.Number(13))
        {
            DueText = rows.Text(3)!,
            PeriodText = rows.Text(4)!,
            TtlText = rows.Text(14)!,
            Data = rows.Blob(5),
            Next = DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(6)),
            Period = period == default ? null : period,
            Left = rows.IsNull(9) ? null : (int)rows.Number(9),
            Until = rows.IsNull(10) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(10)),
            OnFailure = ((int)rows.Number(11), TimeSpan.FromMilliseconds(rows.Number(12))),
        };
    }

    /// <returns>False, and nothing done, when there is one already and it is not to be replaced.</returns>
    internal Task<bool> AddAsync(Reminder reminder, bool replace, Action committed)
    {
        var (type, actor, name) = reminder.Key;
        var (next, left, period) = (reminder.Next, reminder.Left, reminder.Period ?? default);
        return database.WriteAsync(write =>
        {
            var added = write.Execute((replace ? "INSERT OR REPLACE" : "INSERT OR IGNORE")
                + " INTO actor_reminder (type, actor, name, due, period, data, next, months, ticks, times, until, retries, pause, version, ttl) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                type, actor, name, reminder.DueText, reminder.PeriodText, reminder.Data, next.ToUnixTimeMilliseconds(), period.Months, period.Time.Ticks, (long?)left,
                reminder.Until?.ToUnixTimeMilliseconds(), reminder.OnFailure.Retries, (long)reminder.OnFailure.Pause.TotalMilliseconds, reminder.Version, reminder.TtlText) > 0;
            if (added) write.OnCommitted(committed);
            return added;
        });
    }

    internal Task MoveAsync(Reminder reminder, DateTimeOffset next, int? left, Action committed)
    {
        var (type, actor, name) = reminder.Key;
        return database.WriteAsync(write =>
        {
            var moved = write.Execute("UPDATE actor_reminder SET next = ?, times = ? WHERE type = ? AND actor = ? AND name = ? AND version = ?",
                next.ToUnixTimeMilliseconds(), (long?)left, type, actor, name, reminder.Version);
            if (moved > 0) write.OnCommitted(committed);
        });
    }

    /// <summary>Removes a finished registration, but not one that replaced it.</summary>
    internal Task EndAsync(Reminder reminder, Action committed)
    {
        var (type, actor, name) = reminder.Key;
        return database.WriteAsync(write =>
        {
            if (write.Execute("DELETE FROM actor_reminder WHERE type = ? AND actor = ? AND name = ? AND version = ?", type, actor, name, reminder.Version) > 0) write.OnCommitted(committed);
        });
    }

    internal Task RemoveAsync(string type, string actor, string name, Action committed) => database.WriteAsync(write =>
    {
        write.Execute("DELETE FROM actor_reminder WHERE type = ? AND actor = ? AND name = ?", type, actor, name);
        write.OnCommitted(committed);
    });
}
