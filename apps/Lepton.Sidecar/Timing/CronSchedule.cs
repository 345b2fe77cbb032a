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
    private readonly ulong seconds, minutes, hours, days, months, weekdays;
    private readonly bool anyDay, anyWeekday;

    private CronSchedule(ulong[] fields, bool anyDay, bool anyWeekday)
    {
        (seconds, minutes, hours, days, months, weekdays) = (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
        (this.anyDay, this.anyWeekday) = (anyDay, anyWeekday);
    }

    /// <param name="text">The schedule.</param>
    /// <param name="minutesAlone">Five fields, without seconds, are taken too.</param>
    /// <param name="schedule">What it means.</param>
    /// <returns>What is wrong with the text, or null.</returns>
    internal static string? Read(string text, bool minutesAlone, out CronSchedule? schedule)
    {
        schedule = null;
        var word = text.Trim() switch
        {
            "@yearly" or "@annually" => "0 0 0 1 1 *",
            "@monthly" => "0 0 0 1 * *",
            "@weekly" => "0 0 0 * * 0",
            "@daily" or "@midnight" => "0 0 0 * * *",
            "@hourly" => "0 0 * * * *",
            var other => other,
        };
        if (word.StartsWith('@')) return $"unrecognized descriptor: {word}";
        var parts = word.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 5 && minutesAlone) parts = ["0", .. parts];
        if (parts.Length != 6) return $"expected {(minutesAlone ? "5 to 6" : "exactly 6")} fields, found {parts.Length}: [{string.Join(' ', parts)}]";
        var fields = new ulong[6];
        if (Field(parts[0], 0, 59, [], out fields[0]) is { } s) return s;
        if (Field(parts[1], 0, 59, [], out fields[1]) is { } m) return m;
        if (Field(parts[2], 0, 23, [], out fields[2]) is { } h) return h;
        if (Field(parts[3], 1, 31, [], out fields[3]) is { } d) return d;
        if (Field(parts[4], 1, 12, Months, out fields[4]) is { } mo) return mo;
        if (Field(parts[5], 0, 7, Weekdays, out fields[5]) is { } w) return w;
        if ((fields[5] & 1UL << 7) != 0) fields[5] |= 1;
        schedule = new CronSchedule(fields, parts[3][0] is '*' or '?', parts[5][0] is '*' or '?');
        return null;
    }

    /// <summary>The first time after <paramref name="after"/>, in its offset; null when there is none within eight years (the 30th of February).</summary>
    internal DateTimeOffset? Next(DateTimeOffset after)
    {
        var time = new DateTimeOffset(after.Year, after.Month, after.Day, after.Hour, after.Minute, after.Second, after.Offset).AddSeconds(1);
        var end = time.AddYears(8);
        while (time < end)
        {
            if (!Has(months, time.Month)) time = new DateTimeOffset(time.Year, time.Month, 1, 0, 0, 0, time.Offset).AddMonths(1);
            else if (!IsDay(time)) time = new DateTimeOffset(time.Year, time.Month, time.Day, 0, 0, 0, time.Offset).AddDays(1);
            else if (!Has(hours, time.Hour)) time = new DateTimeOffset(time.Year, time.Month, time.Day, time.Hour, 0, 0, time.Offset).AddHours(1);
            else if (!Has(minutes, time.Minute)) time = new DateTimeOffset(time.Year, time.Month, time.Day, time.Hour, time.Minute, 0, time.Offset).AddMinutes(1);
            else if (!Has(seconds, time.Second)) time = time.AddSeconds(1);
            else return time;
        }
        return null;
    }

    private bool IsDay(DateTimeOffset time)
    {
        var (day, weekday) = (Has(days, time.Day), Has(weekdays, (int)time.DayOfWeek));
        return anyDay || anyWeekday ? day && weekday : day || weekday;
    }

    private static bool Has(ulong field, int number) => (field & 1UL << number) != 0;

    private static string? Field(string text, int least, int most, string[] names, out ulong field)
    {
        field = 0;
        foreach (var item in text.Split(','))
        {
            var halves = item.Split('/');
            var ends = halves[0].Split('-');
            int from, to;
            if (ends.Length == 1 && ends[0] is "*" or "?") (from, to) = (least, names == Weekdays ? 6 : most);
            else if (!Number(ends[0], names, least, out from)) return $"failed to parse int from {ends[0]}";
            else if (ends.Length == 1) to = halves.Length == 2 ? most : from;
            else if (ends.Length > 2 || !Number(ends[1], names, least, out to)) return $"failed to parse int from {halves[0]}";
            var step = 1;
            if (halves.Length > 2 || (halves.Length == 2 && (!int.TryParse(halves[1], NumberStyles.None, CultureInfo.InvariantCulture, out step) || step == 0))) return $"step of range should be a positive number: {item}";
            if (from < least) return $"beginning of range ({from}) below minimum ({least}): {item}";
            if (to > most) return $"end of range ({to}) above maximum ({most}): {item}";
            if (from > to) return $"beginning of range ({from}) beyond end of range ({to}): {item}";
            for (var number = from; number <= to; number += step) field |= 1UL << number;
        }
        return BitOperations.PopCount(field) == 0 ? $"empty field: {text}" : null;
    }

    private static bool Number(string text, string[] names, int least, out int number)
    {
        var index = Array.IndexOf(names, text.ToLowerInvariant());
        number = index + (least == 1 ? 1 : 0);
        return index >= 0 || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
