using System.Collections.Concurrent;
using Lepton.Sidecar.Invocation;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>The timers of one app's actors. They live in memory: gone with the sidecar, but not with the deactivation of their actor.</summary>
internal sealed class ActorTimers : IDisposable
{
    private sealed class Timer(string type, string id, string name, ActorRequest request, Recurrence recurrence)
    {
        internal (string Type, string Id, string Name) Key => (type, id, name);

        internal ActorRequest Request => request;

        internal Recurrence Recurrence => recurrence;

        internal DateTimeOffset Due { get; set; } = recurrence.First;

        internal int Fired { get; set; }
    }

    private readonly ConcurrentDictionary<(string Type, string Id, string Name), Timer> timers = new();
    private readonly WakeQueue<Timer> due;
    private readonly ActorHost host;
    private readonly Placement placement;
    private readonly TimeProvider time;

    internal ActorTimers(ActorHost host, Placement placement, TimeProvider time)
    {
        (this.host, this.placement, this.time) = (host, placement, time);
        due = new WakeQueue<Timer>(time, timer => _ = FireAsync(timer));
    }

    internal void Set(string type, string id, string name, ActorRequest request)
    {
        if (!placement.Has(type, host)) throw ActorFault.TimerCreate($"can't create timer for actor {type}||{id}: actor type not registered");
        var timer = new Timer(type, id, name, request, ReminderTimes.Timer($"{type}||{id}||{name}", request, time.GetUtcNow()));
        timers[timer.Key] = timer;
        due.Set(timer, timer.Due);
    }

    internal void Remove(string type, string id, string name) => timers.TryRemove((type, id, name), out _);

    private bool IsCurrent(Timer timer) => timers.TryGetValue(timer.Key, out var known) && known == timer;

    private async Task FireAsync(Timer timer)
    {
        if (!IsCurrent(timer)) return;
        var (type, id, name) = timer.Key;
        var (cancelled, fired) = (false, time.GetUtcNow());
        if (placement.Has(type, host))
        {
            var body = ActorRequest.Firing(timer.Request.Data, timer.Request.DueTime, timer.Request.Period, timer.Request.Callback);
            try
            {
                // The actor may live with another host of its type by now.
                ActorReply? reply = null;
                while (reply is null)
                {
                    var at = await placement.FindAsync(type, id, CancellationToken.None).ConfigureAwait(false);
                    reply = await at.Host.CallAsync(at, id, ActorCall.Json($"method/timer/{InvocationPath.Escape(name)}", body), CancellationToken.None).ConfigureAwait(false);
                }
                cancelled = reply.CancelsReminder;
            }
            catch (ActorFault)
            {
                // A timer that fails is not repeated; its period goes on.
            }
            timer.Fired++;
        }
        if (!cancelled && timer.Recurrence.Next(timer.Due, time.GetUtcNow(), timer.Fired) is { } next)
        {
            timer.Due = next;
            if (IsCurrent(timer)) due.Set(timer, Recurrence.Wake(next, fired, timer.Recurrence.Period?.Time));
        }
        else
        {
            timers.TryRemove(new KeyValuePair<(string, string, string), Timer>(timer.Key, timer));
        }
    }

    public void Dispose() => due.Dispose();
}
