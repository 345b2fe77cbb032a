using Lepton.Sidecar.Storage;
using Lepton.Sidecar.Workflow.Protos;
using Lepton.Sidecar.Workflow.Turns;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Durable timers and scheduled starts.</summary>
internal sealed partial class TaskHub
{
    private void SetWake(LiveInstance instance)
    {
        if (instance.Finished)
        {
            if (instance.PurgeAt is { } purge) purger.Note(purge);
            return;
        }
        if (instance.NextWake() is not { } wake || instance.WakeAt <= wake) return;
        instance.WakeAt = wake;
        wakes.Set(instance.Id, wake);
    }

    private void Wake(string id)
    {
        try
        {
            With(id, instance =>
            {
                instance.WakeAt = null;
                if (!instance.Exists || instance.Finished) return false;
                foreach (var timer in instance.Open.DueTimers(clock.Now)) Fire(instance, timer);
                if (!instance.Busy && instance.LookAt <= clock.Now) (instance.LookAt, instance.LookAgain) = (null, true);
                SetWake(instance);
                Ready(instance);
                return true;
            });
        }
        catch (StorageException fault)
        {
            wakes.Set(id, clock.Now + outage.Refused(fault));
        }
    }

    private void Fire(LiveInstance instance, HistoryEvent timer)
    {
        var fired = HistoryEvents.Plain(clock.Next());
        fired.TimerFired = new TimerFiredEvent { FireAt = timer.TimerCreated.FireAt, TimerId = timer.EventId };
        instance.Open.Answer(fired);
        if (instance.History.Forked && instance.History.Events.Any(entry => entry.TimerFired?.TimerId == timer.EventId))
        {
            // It had fired before the event this instance was begun from: the worker looks again, and is not told twice.
            instance.LookAgain = true;
            return;
        }
        _ = Append(instance, fired);
    }
}
