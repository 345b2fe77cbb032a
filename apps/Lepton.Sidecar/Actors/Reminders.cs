using System.Collections.Concurrent;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>
/// The reminders of all actor types of a run. They are on disk, fire at least once (a firing is written off after the app took it), and wait for a host of
/// their type; one that was missed fires once.
/// </summary>
internal sealed class Reminders : IDisposable
{
    private static readonly TimeSpan AgainPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AppAwayPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Type, string Actor, string Name), Reminder> reminders = new();
    private readonly WakeQueue<Reminder> due;
    private readonly ReminderStore store;
    private readonly Placement placement;
    private readonly TimeProvider time;
    private readonly Action<string> log;
    private volatile bool stopped;

    internal Reminders(Database database, Placement placement, TimeProvider time, Action<string> log)
    {
        (this.placement, this.time, this.log) = (placement, time, log);
        store = new ReminderStore(database);
        due = new WakeQueue<Reminder>(time, reminder => _ = FireAsync(reminder));
        placement.Hosted += Wake;
        foreach (var reminder in store.All())
        {
            reminders[reminder.Key] = reminder;
            due.Set(reminder, reminder.Next);
        }
    }

    internal async Task SetAsync(string type, string actor, string name, ActorRequest request)
    {
        var (recurrence, period) = ReminderTimes.Reminder(request, time.GetUtcNow());
        var reminder = new Reminder(type, actor, name, Random.Shared.NextInt64())
        {
            DueText = request.DueTime,
            PeriodText = period,
            TtlText = Durations.TryTime(request.Ttl, out _) ? request.Ttl : "",
            Data = request.Data,
            Period = recurrence.Period,
            Until = recurrence.Until,
            OnFailure = request.OnFailure,
            Next = recurrence.First,
            Left = recurrence.Times,
        };
        if (!await store.AddAsync(reminder, request.Overwrite, () => reminders[reminder.Key] = reminder).ConfigureAwait(false)) throw ActorFault.ReminderExists(name);
        // One that ends before it ever fires is taken, and gone.
        if (reminder.Next > reminder.Until) await RemoveAsync(type, actor, name).ConfigureAwait(false);
        else due.Set(reminder, reminder.Next);
    }

    internal Reminder? Find(string type, string actor, string name) => reminders.GetValueOrDefault((type, actor, name));

    internal Task RemoveAsync(string type, string actor, string name) => store.RemoveAsync(type, actor, name, () => reminders.TryRemove((type, actor, name), out _));

    /// <summary>The reminders of a type, or of one actor of it.</summary>
    internal Reminder[] List(string type, string? actor) =>
        [.. reminders.Values.Where(reminder => reminder.Key.Type == type && (actor is null || reminder.Key.Actor == actor)).OrderBy(reminder => reminder.Key.Actor, StringComparer.Ordinal).ThenBy(reminder => reminder.Key.Name, StringComparer.Ordinal)];

    internal Task RemoveAllAsync(string type, string? actor) => Task.WhenAll(List(type, actor).Select(reminder => RemoveAsync(reminder.Key.Type, reminder.Key.Actor, reminder.Key.Name)));

    private void Wake(string type)
    {
        var now = time.GetUtcNow();
        foreach (var reminder in reminders.Values)
        {
            if (reminder.Key.Type == type && reminder.Next <= now) due.Set(reminder, reminder.Next);
        }
    }

    private bool IsCurrent(Reminder reminder) => reminders.TryGetValue(reminder.Key, out var known) && known == reminder;

    private async Task FireAsync(Reminder reminder)
    {
        if (!IsCurrent(reminder) || reminder.Next > time.GetUtcNow() || placement.Find(reminder.Key.Type, reminder.Key.Actor) is not { } type) return;
        if (!reminder.TryBegin()) return;
        var (fired, again) = (time.GetUtcNow(), TimeSpan.Zero);
        try
        {
            if (await CallAsync(reminder, type).ConfigureAwait(false) is { } done) await MoveOnAsync(reminder, done, fired).ConfigureAwait(false);
            else fired = DateTimeOffset.MinValue;
        }
        catch (Exception fault)
        {
            // Whatever it was, a reminder never goes quiet for good: nobody would start it again before the next restart.
            log($"Reminder '{reminder.Key.Name}' of actor '{reminder.Key.Type}/{reminder.Key.Actor}' {(fault is StorageException ? "fired but could not be written off" : "failed inside the runtime")}, so it will fire again: {(fault is StorageException ? fault.Message : fault)}");
            again = AgainPause;
        }
        finally
        {
            reminder.End();
        }
        if (!stopped && IsCurrent(reminder) && reminder.Next <= time.GetUtcNow()) due.Set(reminder, Recurrence.Wake(time.GetUtcNow() + again, fired, reminder.Period?.Time));
    }

    // True: the app took or refused it for good and it goes on; false: the app cancelled it; null: its host went away, so it waits for the next one.
    private async Task<bool?> CallAsync(Reminder reminder, ActorType type)
    {
        var (_, actor, name) = reminder.Key;
        var call = ActorCall.Json($"method/remind/{InvocationPath.Escape(name)}", ActorRequest.Firing(reminder.Data, "", "", null));
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var reply = await type.Host.CallAsync(type, actor, call, CancellationToken.None).ConfigureAwait(false);
                if (reply is { IsError: true }) throw ActorFault.Invoke("the app answered with an error of its own");
                return reply is null ? null : !reply.CancelsReminder;
            }
            catch (ActorFault fault)
            {
                if (placement.Find(reminder.Key.Type, actor)?.Link != type.Link) return null;
                // An app that restarts has not failed: its reminder waits for it.
                if (fault.AppAway) attempt = -1;
                else if (attempt >= reminder.OnFailure.Retries) return true;
                await Task.Delay(fault.AppAway ? AppAwayPause : reminder.OnFailure.Pause, time).ConfigureAwait(false);
                if (stopped || !IsCurrent(reminder)) return null;
            }
        }
    }

    private async Task MoveOnAsync(Reminder reminder, bool goesOn, DateTimeOffset fired)
    {
        if ((goesOn ? reminder.After(time.GetUtcNow()) : null) is not { } next)
        {
            await store.EndAsync(reminder, () => reminders.TryRemove(new KeyValuePair<(string, string, string), Reminder>(reminder.Key, reminder))).ConfigureAwait(false);
            return;
        }
        await store.MoveAsync(reminder, next, reminder.Left - 1, () => (reminder.Next, reminder.Left) = (next, reminder.Left - 1)).ConfigureAwait(false);
        due.Set(reminder, Recurrence.Wake(next, fired, reminder.Period?.Time));
    }

    public void Dispose()
    {
        stopped = true;
        placement.Hosted -= Wake;
        due.Dispose();
    }
}
