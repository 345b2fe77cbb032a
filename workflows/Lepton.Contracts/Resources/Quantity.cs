using System.Buffers;
using System.Globalization;

namespace Lepton.Contracts.Resources;

/// <summary>Sizes and lengths of time as YAML writes them.</summary>
public static class Quantity
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>24h</c>, <c>7d</c>, or several parts in a row (<c>1h30m</c>). A bare number is no duration.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = TimeSpan.Zero;
        if (text is "0")
        {
            return true;
        }

        var rest = text.AsSpan();
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            {
                return false;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAny(NumberCharacters);
            var unit = letters < 0 ? rest : rest[..letters];
            rest = rest[unit.Length..];
            double seconds = unit switch
            {
                "us" or "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1,
                "m" => 60,
                "h" => 3600,
                "d" => 86400,
                _ => 0,
            };
            if (seconds == 0)
            {
                return false;
            }

            duration += TimeSpan.FromSeconds(amount * seconds);
        }

        return true;
    }

    /// <summary>Reads a whole number of bytes with an optional unit: B, k, Ki, M, Mi, G, Gi (a final B is allowed: <c>4MiB</c>).</summary>
    public static bool TryBytes(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0)
        {
            digits = text.Length;
        }

        if (digits == 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        long unit = text[digits..].TrimEnd('B') switch
        {
            "" => 1,
            "k" or "K" => 1000,
            "Ki" => 1L << 10,
            "M" => 1_000_000,
            "Mi" => 1L << 20,
            "G" => 1_000_000_000,
            "Gi" => 1L << 30,
            _ => 0,
        };
        if (unit == 0 || number > long.MaxValue / unit)
        {
            return false;
        }

        bytes = number * unit;
        return true;
    }

    /// <summary>Reads a bandwidth above 0 in bits per second: <c>500kbit/s</c>, <c>8Mbit/s</c>, <c>1Gbit/s</c>.</summary>
    public static bool TryBandwidth(string text, out double bitsPerSecond)
    {
        ArgumentNullException.ThrowIfNull(text);
        bitsPerSecond = 0;
        var digits = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        if (digits <= 0 || !double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        bitsPerSecond = number * text[digits..] switch
        {
            "bit/s" => 1,
            "kbit/s" => 1e3,
            "Mbit/s" => 1e6,
            "Gbit/s" => 1e9,
            _ => 0,
        };
        return bitsPerSecond > 0;
    }
}
