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
        var (text, first) = (job.HasSchedule ? job.Schedule : "", now);
        TimeSpan? period = null;
        CronSchedule? schedule = null;
        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            if (!Durations.TryGo(text[Every.Length..].Trim(), out var length) || length <= TimeSpan.Zero) return $"failed to parse duration {text}";
            period = length;
        }
        else if (text.Length > 0 && CronSchedule.Read(text, minutesAlone: false, out schedule) is { } wrong)
        {
            return wrong;
        }
        if (job.HasDueTime && job.DueTime.Length > 0)
        {
            if (!TryPoint(job.DueTime, now, out first)) return "due time format not recognized";
            if (first < now) first = now;
        }
        else if (schedule is not null)
        {
            if (schedule.Next(now) is not { } next) return $"schedule {text} never comes";
            first = next;
        }
        if (text.Length == 0 && job.HasTtl && job.Ttl.Length > 0) return "job must have a schedule to have a ttl";
        if (text.Length == 0 && job.HasRepeats) return "job must have a schedule to repeat";
        DateTimeOffset? until = null;
        if (job.HasTtl && job.Ttl.Length > 0)
        {
            if (!TryPoint(job.Ttl, first, out var end)) return "ttl format not recognized";
            if (end < now) return "ttl is in the past";
            until = end;
        }
        times = new JobTimes(first, until, period, schedule);
        return null;
    }

    /// <summary>The run after the one due at <paramref name="due"/>. Runs missed before <paramref name="now"/> are left out: a schedule that slept catches up with one.</summary>
    internal DateTimeOffset? Next(DateTimeOffset due, DateTimeOffset now)
    {
        if (Schedule is not null) return Schedule.Next(now > due ? now : due);
        if (Period is not { } period) return null;
        var next = due + period;
        return next >= now ? next : next + (period * Math.Ceiling((now - next) / period));
    }

    private static bool TryPoint(string text, DateTimeOffset from, out DateTimeOffset point)
    {
        if (Durations.TryTime(text, out point)) return true;
        if (Durations.TryGo(text, out var go))
        {
            point = from + go;
            return true;
        }
        var iso = Durations.TryIso(text, out var span, out var times, out _) && times is null;
        point = iso ? span.After(from) : from;
        return iso;
    }
}
