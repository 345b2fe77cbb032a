using Dapr.Client.Autogen.Grpc.v1;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Jobs;

/// <summary>When a job runs: first at a time, then by its schedule, if it has one.</summary>
internal sealed record JobTimes(DateTimeOffset First, DateTimeOffset? Until, TimeSpan? Period, CronSchedule? Schedule)
{
    private const string Every = "@every ";

    /// <returns>What is wrong with the job, in the scheduler's words, or null.</returns>
    internal static string? Read(Job job, DateTimeOffset now, out JobTimes times)
    {
        times = new JobTimes(now, null, null, null);
        if (!job.HasSchedule && job.Repeats > 1) return "job must have a schedule to repeat";
        if (job is { HasRepeats: true, Repeats: 0 }) return "defined repeats must be greater than 0";
        if (!job.HasSchedule && job.HasTtl) return "job must have a schedule to have a ttl";
        TimeSpan? period = null;
        CronSchedule? schedule = null;
        if (job.HasSchedule && Read(job.Schedule, out period, out schedule) is { } wrong) return wrong;
        var due = now;
        if (job.HasDueTime && Point(job.DueTime, now, out due) is { } unreadable) return unreadable;
        DateTimeOffset? until = null;
        if (job.HasTtl)
        {
            if (Point(job.Ttl, due, out var end) is not null) return "ttl format not recognized";
            if (job.HasDueTime && due > end) return "ttl must be greater than due time";
            until = end;
        }
        var first = due > now ? due : now;
        if (!job.HasDueTime && schedule is not null)
        {
            if (schedule.Next(now) is not { } next) return $"schedule {job.Schedule} never comes";
            first = next;
        }
        times = new JobTimes(first, until, period, schedule);
        return null;
    }

    /// <summary>The times of a job that was taken before: its schedule is read again, the rest has moved on.</summary>
    internal static JobTimes Kept(Job job, DateTimeOffset next, DateTimeOffset? until)
    {
        Read(job.Schedule, out var period, out var schedule);
        return new(next, until, period, schedule);
    }

    private static string? Read(string text, out TimeSpan? period, out CronSchedule? schedule)
    {
        (period, schedule) = (null, null);
        if (!text.StartsWith(Every, StringComparison.Ordinal)) return CronSchedule.Read(text, minutesAlone: false, out schedule);
        if (Durations.GoFault(text[Every.Length..]) is { } fault) return $"failed to parse duration {text}: {fault}";
        Durations.TryGo(text[Every.Length..], out var length);
        period = length;
        return length > TimeSpan.Zero ? null : $"schedule {text} never moves on";
    }

    /// <summary>The run after the one due at <paramref name="due"/>. Runs missed before <paramref name="now"/> are left out: a schedule that slept catches up with one.</summary>
    internal DateTimeOffset? Next(DateTimeOffset due, DateTimeOffset now)
    {
        if (Schedule is not null) return Schedule.Next(now > due ? now : due);
        if (Period is not { } period) return null;
        var next = due + period;
        return next >= now ? next : next + (period * Math.Ceiling((now - next) / period));
    }

    private static string? Point(string text, DateTimeOffset from, out DateTimeOffset point)
    {
        if (Durations.TryTime(text, out point)) return null;
        if (Durations.TryGo(text, out var go))
        {
            point = from + go;
            return null;
        }
        if (!Durations.TryIso(text, out var span, out var times, out _)) return "due time format not recognized";
        point = span.After(from);
        return times > 0 ? "repeats not supported for due time" : null;
    }
}
