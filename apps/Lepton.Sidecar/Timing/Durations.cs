using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lepton.Sidecar.Timing;

/// <summary>A span of calendar months and of exact time.</summary>
internal readonly record struct Span(int Months, TimeSpan Time)
{
    internal DateTimeOffset After(DateTimeOffset start) => start.AddMonths(Months) + Time;
}

/// <summary>The texts for times that Dapr takes: Go durations (`1h15m2s3ms`), ISO 8601 durations (`P1DT2H`, `R5/PT30S`), RFC 3339 times.</summary>
internal static partial class Durations
{
    [GeneratedRegex(@"^([+-])?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$", RegexOptions.CultureInvariant)]
    private static partial Regex GoShape();

    [GeneratedRegex(@"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", RegexOptions.CultureInvariant)]
    private static partial Regex GoPart();

    [GeneratedRegex(@"^(?:R(?<r>[+-]?\d+)/)?P(?:(?<y>\d+)Y)?(?:(?<mo>\d+)M)?(?:(?<w>\d+)W)?(?:(?<d>\d+)D)?(?:T(?:(?<h>\d+)H)?(?:(?<mi>\d+)M)?(?:(?<s>\d+)S)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsoShape();

    [GeneratedRegex(@"^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(\.\d{1,7})?\d*([Zz]|[+-]\d{2}:\d{2})$", RegexOptions.CultureInvariant)]
    private static partial Regex TimeShape();

    internal static bool TryGo(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is "0" or "+0" or "-0") return true;
        if (!GoShape().IsMatch(text)) return false;
        foreach (Match part in GoPart().Matches(text))
        {
            duration += TimeSpan.FromTicks((long)(double.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture) * TicksOf(part.Groups[2].Value)));
        }
        if (text[0] == '-') duration = -duration;
        return true;
    }

    /// <summary>What Go says of a text that is no duration; null of one that is.</summary>
    internal static string? GoFault(string text)
    {
        if (TryGo(text, out _)) return null;
        var rest = text.AsSpan();
        if (rest is ['+' or '-', ..]) rest = rest[1..];
        while (rest.Length > 0)
        {
            var number = rest.IndexOfAnyExcept(Digits);
            if (number < 0) number = rest.Length;
            if (number == 0 || rest[..number].Count('.') > 1 || rest[..number] is ".") break;
            var unit = rest[number..].IndexOfAny(Digits);
            var name = unit < 0 ? rest[number..] : rest[number..(number + unit)];
            if (name.Length == 0) return $"time: missing unit in duration \"{text}\"";
            if (name is not ("ns" or "us" or "µs" or "μs" or "ms" or "s" or "m" or "h")) return $"time: unknown unit \"{name}\" in duration \"{text}\"";
            rest = rest[(number + name.Length)..];
        }
        return $"time: invalid duration \"{text}\"";
    }

    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789.");

    private static double TicksOf(string unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "ns" => 0.01,
        _ => TimeSpan.TicksPerMicrosecond,
    };

    /// <param name="text">An ISO 8601 duration, with or without repetitions; only whole numbers.</param>
    /// <param name="span">Its length.</param>
    /// <param name="repetitions">The number before the slash, or null.</param>
    /// <param name="hasDate">Whether it has a part before the T.</param>
    internal static bool TryIso(string text, out Span span, out int? repetitions, out bool hasDate)
    {
        (span, repetitions, hasDate) = (default, null, false);
        var match = IsoShape().Match(text);
        if (!match.Success || text.EndsWith('P')) return false;
        hasDate = Number("y") + Number("mo") + Number("w") + Number("d") > 0;
        var time = TimeSpan.FromDays(Number("w") * 7 + Number("d")) + TimeSpan.FromHours(Number("h")) + TimeSpan.FromMinutes(Number("mi")) + TimeSpan.FromSeconds(Number("s"));
        span = new Span((int)(Number("y") * 12 + Number("mo")), time);
        if (match.Groups["r"].Success)
        {
            if (!int.TryParse(match.Groups["r"].ValueSpan, out var times)) return false;
            // A negative number has no end, as none has.
            repetitions = times < 0 ? null : times;
        }
        return true;

        double Number(string group) => match.Groups[group] is { Success: true } found ? double.Parse(found.Value, CultureInfo.InvariantCulture) : 0;
    }

    internal static bool TryTime(string text, out DateTimeOffset time)
    {
        var match = TimeShape().Match(text);
        time = default;
        return match.Success && DateTimeOffset.TryParse(match.Groups[1].Value + match.Groups[2].Value + match.Groups[3].Value,
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>The way Go writes a duration: `36h0m0s`, `1.5s`, `500ms`.</summary>
    internal static string Go(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        if (duration < TimeSpan.FromMilliseconds(1)) return (duration.Ticks / 10d).ToString(CultureInfo.InvariantCulture) + "µs";
        if (duration < TimeSpan.FromSeconds(1)) return duration.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms";
        var text = new StringBuilder();
        var hours = (long)duration.TotalHours;
        if (hours > 0) text.Append(hours).Append('h');
        if (duration >= TimeSpan.FromMinutes(1)) text.Append(duration.Minutes).Append('m');
        var seconds = (duration.Ticks % TimeSpan.TicksPerMinute) / (double)TimeSpan.TicksPerSecond;
        return text.Append(seconds.ToString(CultureInfo.InvariantCulture)).Append('s').ToString();
    }
}
