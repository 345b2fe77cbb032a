namespace Lepton.Sidecar.Timing;

/// <summary>When something fires: first at a time, then every period, so many times or until a time.</summary>
/// <param name="First">The first firing.</param>
/// <param name="Period">The time between firings; null fires once.</param>
/// <param name="Times">How many firings in all; null has no limit.</param>
/// <param name="Until">No firing after this.</param>
internal sealed record Recurrence(DateTimeOffset First, Span? Period, int? Times, DateTimeOffset? Until)
{
    /// <summary>
    /// The firing after the one that was due at <paramref name="due"/>, or null. What was missed before <paramref name="now"/> is left out:
    /// a schedule that slept catches up with one firing, not with all.
    /// </summary>
    internal DateTimeOffset? Next(DateTimeOffset due, DateTimeOffset now, int firedTimes)
    {
        if (Period is not { } period || firedTimes >= Times || (period.Months == 0 && period.Time <= TimeSpan.Zero)) return null;
        var next = period.After(due);
        if (next < now && period.Months == 0) next += period.Time * Math.Floor((now - next) / period.Time);
        while (next < now) next = period.After(next);
        return next > Until ? null : next;
    }

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);

    /// <summary>
    /// When to wake for what is due at <paramref name="next"/> and fired last at <paramref name="fired"/>. After a firing that came late, as the first does on a busy machine, a
    /// short period does not shrink by that much, but catches up little by little.
    /// </summary>
    internal static DateTimeOffset Wake(DateTimeOffset next, DateTimeOffset fired, TimeSpan? period) =>
        period is { } length && length <= Short && next < fired + (length * 0.9) ? fired + (length * 0.9) : next;
}
