using System.Globalization;
using System.Numerics;

namespace Lepton.Sidecar.Timing;

/// <summary>
/// The times a cron text names: fields of seconds, minutes, hours, days, months and weekdays with lists, ranges and steps, or a word such as @daily.
/// When both a day and a weekday are named either will do, as in cron.
/// </summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The bit of a field that says "any".</summary>
    private const int Any = 63;

    private readonly ulong seconds, minutes, hours, days, months, weekdays;
    private readonly TimeZoneInfo? zone;

    private CronSchedule(ulong[] fields, TimeZoneInfo? zone) =>
        (seconds, minutes, hours, days, months, weekdays, this.zone) = (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], zone);

    /// <param name="text">The schedule.</param>
    /// <param name="minutesAlone">Five fields, without seconds, are taken too.</param>
    /// <param name="schedule">What it means.</param>
    /// <returns>What is wrong with the text, or null.</returns>
    internal static string? Read(string text, bool minutesAlone, out CronSchedule? schedule)
    {
        schedule = null;
        if (text.Length == 0) return "empty spec string";
        TimeZoneInfo? zone = null;
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var (start, end) = (text.IndexOf('=') + 1, text.IndexOf(' '));
            var name = end < 0 ? text[start..] : text[start..end];
            if (end < 0 || !TimeZoneInfo.TryFindSystemTimeZoneById(name.Length == 0 ? "UTC" : name, out zone)) return $"provided bad location {name}: unknown time zone {name}";
            text = text[end..].Trim();
        }
        var word = text switch
        {
            "@yearly" or "@annually" => "0 0 0 1 1 *",
            "@monthly" => "0 0 0 1 * *",
            "@weekly" => "0 0 0 * * 0",
            "@daily" or "@midnight" => "0 0 0 * * *",
            "@hourly" => "0 0 * * * *",
            var other => other,
        };
        if (word.StartsWith('@')) return $"unrecognized descriptor: {word}";
        var parts = word.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 5 && minutesAlone) parts = ["0", .. parts];
        if (parts.Length != 6) return $"expected {(minutesAlone ? "5 to 6" : "exactly 6")} fields, found {parts.Length}: [{string.Join(' ', parts)}]";
        var fields = new ulong[6];
        if (Field(parts[0], 0, 59, [], out fields[0]) is { } s) return s;
        if (Field(parts[1], 0, 59, [], out fields[1]) is { } m) return m;
        if (Field(parts[2], 0, 23, [], out fields[2]) is { } h) return h;
        if (Field(parts[3], 1, 31, [], out fields[3]) is { } d) return d;
        if (Field(parts[4], 1, 12, Months, out fields[4]) is { } mo) return mo;
        if (Field(parts[5], 0, 6, Weekdays, out fields[5]) is { } w) return w;
        schedule = new CronSchedule(fields, zone);
        return null;
    }

    /// <summary>The first time after <paramref name="after"/>, in its offset or the schedule's own zone; null when there is none within eight years (the 30th of February).</summary>
    internal DateTimeOffset? Next(DateTimeOffset after)
    {
        if (zone is not null) after = TimeZoneInfo.ConvertTime(after, zone);
        var time = new DateTimeOffset(after.Year, after.Month, after.Day, after.Hour, after.Minute, after.Second, after.Offset).AddSeconds(1);
        var end = time.AddYears(8);
        while (time < end)
        {
            if (!Has(months, time.Month)) time = new DateTimeOffset(time.Year, time.Month, 1, 0, 0, 0, time.Offset).AddMonths(1);
            else if (!IsDay(time)) time = new DateTimeOffset(time.Year, time.Month, time.Day, 0, 0, 0, time.Offset).AddDays(1);
            else if (!Has(hours, time.Hour)) time = new DateTimeOffset(time.Year, time.Month, time.Day, time.Hour, 0, 0, time.Offset).AddHours(1);
            else if (!Has(minutes, time.Minute)) time = new DateTimeOffset(time.Year, time.Month, time.Day, time.Hour, time.Minute, 0, time.Offset).AddMinutes(1);
            else if (!Has(seconds, time.Second)) time = time.AddSeconds(1);
            else return zone is null ? time : new DateTimeOffset(time.DateTime, zone.GetUtcOffset(time.DateTime));
        }
        return null;
    }

    private bool IsDay(DateTimeOffset time)
    {
        var (day, weekday) = (Has(days, time.Day), Has(weekdays, (int)time.DayOfWeek));
        return Has(days, Any) || Has(weekdays, Any) ? day && weekday : day || weekday;
    }

    private static bool Has(ulong field, int number) => (field & 1UL << number) != 0;

    private static string? Field(string text, int least, int most, string[] names, out ulong field)
    {
        field = 0;
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var halves = item.Split('/');
            var ends = halves[0].Split('-');
            var (from, to, step) = (least, most, 1);
            var star = ends[0] is "*" or "?";
            if (!star)
            {
                if (Number(ends[0], names, least, out from) is { } low) return low;
                to = from;
                if (ends.Length > 2) return $"too many hyphens: {item}";
                if (ends.Length == 2 && Number(ends[1], names, least, out to) is { } high) return high;
            }
            if (halves.Length > 2) return $"too many slashes: {item}";
            if (halves.Length == 2)
            {
                if (Number(halves[1], [], least, out step) is { } wrong) return wrong;
                if (ends.Length == 1) to = most;
            }
            if (from < least) return $"beginning of range ({from}) below minimum ({least}): {item}";
            if (to > most) return $"end of range ({to}) above maximum ({most}): {item}";
            if (from > to) return $"beginning of range ({from}) beyond end of range ({to}): {item}";
            if (step == 0) return $"step of range should be a positive number: {item}";
            for (var number = from; number <= to; number += step) field |= 1UL << number;
            if (star && step == 1) field |= 1UL << Any;
        }
        return null;
    }

    private static string? Number(string text, string[] names, int least, out int number)
    {
        var index = Array.IndexOf(names, text.ToLowerInvariant());
        number = index + (least == 1 ? 1 : 0);
        if (index >= 0) return null;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            var digits = text.AsSpan(text is ['+' or '-', ..] ? 1 : 0);
            var cause = digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9') ? "value out of range" : "invalid syntax";
            return $"failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": {cause}";
        }
        return number < 0 ? $"negative number ({number}) not allowed: {text}" : null;
    }
}
