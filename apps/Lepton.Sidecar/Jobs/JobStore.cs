using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Jobs;

/// <summary>The SQL of the job table. What callers keep in memory they change in <c>committed</c>, which runs in the order of the commits.</summary>
internal sealed class JobStore(Database database)
{
    internal List<ScheduledJob> All() => database.Read(session =>
    {
        var all = new List<ScheduledJob>();
        using var rows = session.Query("SELECT app, job, next, until, runs, version FROM job");
        while (rows.Read())
        {
            var message = Job.Parser.ParseFrom(rows.Span(1));
            var next = DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(2));
            var times = JobTimes.Kept(message, next, rows.IsNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.Number(3)));
            all.Add(new ScheduledJob(rows.Text(0)!, message, times, rows.Number(5)) { Next = next, Runs = rows.Number(4) });
        }
        return all;
    });

    /// <returns>False, and nothing done, when there is one already and it is not to be replaced.</returns>
    internal Task<bool> AddAsync(ScheduledJob job, bool replace, Action committed)
    {
        var ((app, name), next) = (job.Key, job.Next);
        return database.WriteAsync(write =>
        {
            var added = write.Execute((replace ? "INSERT OR REPLACE" : "INSERT OR IGNORE") + " INTO job(app, name, job, next, until, runs, version) VALUES (?, ?, ?, ?, ?, 0, ?)",
                app, name, job.Message.ToByteArray(), next.ToUnixTimeMilliseconds(), job.Times.Until?.ToUnixTimeMilliseconds(), job.Version) > 0;
            if (added) write.OnCommitted(committed);
            return added;
        });
    }

    internal Task MoveAsync(ScheduledJob job, DateTimeOffset next, Action committed)
    {
        var ((app, name), runs) = (job.Key, job.Runs + 1);
        return database.WriteAsync(write =>
        {
            var moved = write.Execute("UPDATE job SET next = ?, runs = ? WHERE app = ? AND name = ? AND version = ?", next.ToUnixTimeMilliseconds(), runs, app, name, job.Version);
            if (moved > 0) write.OnCommitted(committed);
        });
    }

    /// <summary>Removes a finished registration, but not one that replaced it.</summary>
    internal Task EndAsync(ScheduledJob job, Action committed)
    {
        var (app, name) = job.Key;
        return database.WriteAsync(write =>
        {
            if (write.Execute("DELETE FROM job WHERE app = ? AND name = ? AND version = ?", app, name, job.Version) > 0) write.OnCommitted(committed);
        });
    }

    internal Task RemoveAsync(string app, string name, Action committed) => database.WriteAsync(write =>
    {
        write.Execute("DELETE FROM job WHERE app = ? AND name = ?", app, name);
        write.OnCommitted(committed);
    });
}
