using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>The SQL of the reminder table.</summary>
internal sealed class ReminderStore(Database database)
{
    internal List<Reminder> All() => database.Read(session =>
    {
        var all = new List<Reminder>();
        using var rows = session.Query("SELECT type, actor, name, due, period, data, next, months, ticks, times, until, retries, pause FROM actor_reminder");
        while (rows.Read()) all.Add(Read(rows));
        return all;
    });

    private static Reminder Read(Rows rows)
    {
        var period = new Span((int)rows.Number(7), TimeSpan.FromTicks(rows.Number(8)));
        return new Reminder(rows.Text(0)!, rows.Text(1)!, rows.Text(2)!)
        {
            DueText = rows.Text(3)!,
            PeriodText = rows.Text(4)!,
            Data = rows.Blob(5),
            Next = DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(6)),
            Period = period == default ? null : period,
            Left = rows.IsNull(9) ? null : (int)rows.Number(9),
            Until = rows.IsNull(10) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(10)),
            OnFailure = ((int)rows.Number(11), TimeSpan.FromMilliseconds(rows.Number(12))),
        };
    }

    internal Task SaveAsync(Reminder reminder)
    {
        var (type, actor, name) = reminder.Key;
        var (next, left, period) = (reminder.Next, reminder.Left, reminder.Period ?? default);
        return database.WriteAsync(write => write.Execute(
            "INSERT OR REPLACE INTO actor_reminder (type, actor, name, due, period, data, next, months, ticks, times, until, retries, pause) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            type, actor, name, reminder.DueText, reminder.PeriodText, reminder.Data, next.ToUnixTimeMilliseconds(), period.Months, period.Time.Ticks, (long?)left,
            reminder.Until?.ToUnixTimeMilliseconds(), reminder.OnFailure.Retries, (long)reminder.OnFailure.Pause.TotalMilliseconds));
    }

    internal Task RemoveAsync(string type, string actor, string name) =>
        database.WriteAsync(write => write.Execute("DELETE FROM actor_reminder WHERE type = ? AND actor = ? AND name = ?", type, actor, name));
}
