using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>Reads the times of reminders and timers. Both take the same texts but refuse others with words of their own.</summary>
internal static class ReminderTimes
{
    private const string Invalid = "rpc error: code = Unknown desc = job failed validation: ";

    /// <returns>When the reminder fires, and its period in the scheduler's form.</returns>
    internal static (Recurrence Recurrence, string Period) Reminder(ActorRequest request, DateTimeOffset now)
    {
        var (period, times) = ReminderPeriod(request.Period);
        if (period is null && request.DueTime.Length == 0) throw ActorFault.ReminderCreate(Invalid + "job must have either a due time or a schedule");
        if (period is null && request.Ttl.Length > 0) throw ActorFault.ReminderCreate(Invalid + "job must have a schedule to have a ttl");
        var due = ReminderDue(request.DueTime, now);
        var until = Until(request.Ttl, due ?? now, () => ActorFault.ReminderCreate(Invalid + "ttl format not recognized"));
        if (due > until) throw ActorFault.ReminderCreate(Invalid + "ttl must be greater than due time");
        return (new Recurrence(due ?? period!.Value.After(now), period, times, until), period is null ? "" : "@every " + Durations.Go(period.Value.Time));
    }

    private static (Span? Period, int? Times) ReminderPeriod(string text)
    {
        if (text.Length == 0) return (null, null);
        if (Durations.TryGo(text, out var go)) return go > TimeSpan.Zero ? (new Span(0, go), null) : (null, null);
        if (Durations.TryIso(text, out var span, out var times, out var hasDate) && !hasDate && span.Time > TimeSpan.Zero) return (span, times is 0 ? null : times);
        throw ActorFault.ReminderCreate("unsupported period format: " + text);
    }

    private static DateTimeOffset? ReminderDue(string text, DateTimeOffset now)
    {
        if (text.Length == 0) return null;
        if (Point(text, now, out var due, out var repeats)) return due;
        throw ActorFault.ReminderCreate(Invalid + (repeats ? "repeats not supported for due time" : "due time format not recognized"));
    }

    internal static Recurrence Timer(string key, ActorRequest request, DateTimeOffset now)
    {
        var first = now;
        if (request.DueTime.Length > 0 && !Point(request.DueTime, now, out first, out var repeats))
        {
            throw ActorFault.TimerCreate("error parsing timer due time: " + (repeats ? "repetitions are not allowed" : "unsupported time/duration format: " + request.DueTime));
        }
        var (period, times) = TimerPeriod(request.Period);
        var until = Until(request.Ttl, first, () => ActorFault.TimerCreate("error parsing timer TTL: unsupported time/duration format: " + request.Ttl));
        if (until < now || until < first) throw ActorFault.TimerCreate($"timer {key} has already expired: dueTime: {first.UtcDateTime:yyyy-MM-dd HH:mm:ss.fffffff} +0000 UTC TTL: {request.Ttl}");
        return new Recurrence(first, period, times, until);
    }

    private static (Span? Period, int? Times) TimerPeriod(string text)
    {
        if (text.Length == 0) return (null, null);
        if (Durations.TryGo(text, out var go)) return go > TimeSpan.Zero ? (new Span(0, go), null) : (null, null);
        if (!Durations.TryIso(text, out var span, out var times, out _)) throw ActorFault.TimerCreate("invalid timer period: parse error: unsupported duration format: " + text);
        return times is 0 ? throw ActorFault.TimerCreate("invalid timer period: has zero repetitions") : (span, times);
    }

    private static DateTimeOffset? Until(string text, DateTimeOffset first, Func<ActorFault> fault)
    {
        if (text.Length == 0) return null;
        return Durations.TryGo(text, out var length) ? first + length : Point(text, first, out var until, out _) ? until : throw fault();
    }

    // A duration counts from `from`; what lies in the past is now.
    private static bool Point(string text, DateTimeOffset from, out DateTimeOffset point, out bool repeats)
    {
        (point, repeats) = (from, false);
        if (Durations.TryTime(text, out point)) return true;
        if (Durations.TryGo(text, out var go))
        {
            point = go > TimeSpan.Zero ? from + go : from;
            return true;
        }
        if (!Durations.TryIso(text, out var span, out var times, out _)) return false;
        repeats = times is not null;
        point = span.After(from);
        return !repeats;
    }
}
