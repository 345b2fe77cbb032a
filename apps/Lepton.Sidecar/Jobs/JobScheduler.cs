using System.Collections.Concurrent;
using Dapr.Client.Autogen.Grpc.v1;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Jobs;

/// <summary>
/// The jobs of all apps of a run. They are on disk, run at least once (a run is written off after the app took it), and wait for their app; one that was
/// missed runs once.
/// </summary>
internal sealed class JobScheduler : IDisposable
{
    private static readonly TimeSpan AgainPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AppAwayPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string App, string Name), ScheduledJob> jobs = new();
    private readonly ConcurrentDictionary<string, JobApp> apps = new();
    private readonly WakeQueue<ScheduledJob> due;
    private readonly JobStore store;
    private readonly TimeProvider time;
    private readonly Action<string> log;
    private volatile bool stopped;

    internal JobScheduler(Database database, TimeProvider time, Action<string> log)
    {
        (this.time, this.log) = (time, log);
        store = new JobStore(database);
        due = new WakeQueue<ScheduledJob>(time, job => _ = RunAsync(job));
        foreach (var job in store.All())
        {
            jobs[job.Key] = job;
            due.Set(job, job.Next);
        }
    }

    internal void Add(JobApp app)
    {
        apps[app.Id] = app;
        app.BecameReady += () => Wake(app.Id);
    }

    /// <returns>What is wrong with the job, and whether that is that its name is taken; or null.</returns>
    internal async Task<(string Fault, bool Exists)?> ScheduleAsync(string app, Job message, bool overwrite)
    {
        if (JobTimes.Read(message, time.GetUtcNow(), out var times) is { } wrong) return (wrong, false);
        var job = new ScheduledJob(app, message, times, Random.Shared.NextInt64());
        if (!await store.AddAsync(job, overwrite, () => jobs[job.Key] = job).ConfigureAwait(false)) return ("", true);
        // One that ends before it ever runs is taken, and gone.
        if (times.First > times.Until) await RemoveAsync(app, message.Name).ConfigureAwait(false);
        else due.Set(job, job.Next);
        return null;
    }

    internal Job? Find(string app, string name) => jobs.GetValueOrDefault((app, name))?.Message;

    internal IEnumerable<Job> All(string app) => jobs.Values.Where(job => job.Key.App == app).Select(static job => job.Message).OrderBy(static job => job.Name, StringComparer.Ordinal);

    internal Task RemoveAsync(string app, string name) => store.RemoveAsync(app, name, () => jobs.TryRemove((app, name), out _));

    internal Task RemoveByPrefixAsync(string app, string prefix) =>
        Task.WhenAll(jobs.Keys.Where(key => key.App == app && key.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(key => RemoveAsync(key.App, key.Name)));

    private void Wake(string app)
    {
        var now = time.GetUtcNow();
        foreach (var job in jobs.Values)
            if (job.Key.App == app && job.Next <= now) due.Set(job, job.Next);
    }

    private bool IsCurrent(ScheduledJob job) => jobs.TryGetValue(job.Key, out var known) && known == job;

    private async Task RunAsync(ScheduledJob job)
    {
        if (!IsCurrent(job) || job.Next > time.GetUtcNow() || !apps.TryGetValue(job.Key.App, out var app) || !app.Ready || !job.TryBegin()) return;
        var (fired, again) = (time.GetUtcNow(), TimeSpan.Zero);
        try
        {
            if (await CallAsync(job, app).ConfigureAwait(false)) await MoveOnAsync(job, fired).ConfigureAwait(false);
            else fired = DateTimeOffset.MinValue;
        }
        catch (Exception fault)
        {
            // Whatever it was, a job never goes quiet for good: nobody would start it again before the next restart.
            log($"Job '{job.Key.Name}' of app '{job.Key.App}' {(fault is StorageException ? "ran but could not be written off" : "failed inside the runtime")}, so it will run again: {(fault is StorageException ? fault.Message : fault)}");
            again = AgainPause;
        }
        finally
        {
            job.End();
        }
        if (!stopped && app.Ready && IsCurrent(job) && job.Next <= time.GetUtcNow()) due.Set(job, Recurrence.Wake(time.GetUtcNow() + again, fired, job.Times.Period));
    }

    // False: the app went away or the job was replaced, so this run is not over.
    private async Task<bool> CallAsync(ScheduledJob job, JobApp app)
    {
        var (retries, pause) = job.OnFailure;
        for (uint failed = 0; ;)
        {
            var outcome = await app.CallAsync(job.Message).ConfigureAwait(false);
            if (outcome is JobOutcome.Taken or JobOutcome.Refused) return true;
            // An app that restarts has not failed: its job waits for it.
            if (outcome == JobOutcome.Failed && failed++ >= retries) return true;
            await Task.Delay(outcome == JobOutcome.Away ? AppAwayPause : pause, time).ConfigureAwait(false);
            if (stopped || !app.Ready || !IsCurrent(job)) return false;
        }
    }

    private async Task MoveOnAsync(ScheduledJob job, DateTimeOffset fired)
    {
        if (job.After(time.GetUtcNow()) is not { } next)
        {
            await store.EndAsync(job, () => jobs.TryRemove(new KeyValuePair<(string, string), ScheduledJob>(job.Key, job))).ConfigureAwait(false);
            return;
        }
        await store.MoveAsync(job, next, () => (job.Next, job.Runs) = (next, job.Runs + 1)).ConfigureAwait(false);
        due.Set(job, Recurrence.Wake(next, fired, job.Times.Period));
    }

    public void Dispose()
    {
        stopped = true;
        due.Dispose();
    }
}
