namespace Lepton.Inference.Series;

/// <summary>
/// A JSON array of plain numbers (no exponents, at most 15 digits), which is what devices send, read several times as fast as token by token.
/// The values are those that <see cref="System.Text.Json.Utf8JsonReader.TryGetSingle"/> gives, bit by bit; what is not so plain is left to it.
/// </summary>
internal static class PlainNumbers
{
    private const int MostDigits = 15;

    // Below half a step of `float` and above it a `double` rounds the way its decimal text does; at the half it need not.
    private const ulong StepBits = (1UL << 29) - 1, HalfStep = 1UL << 28;

    private static readonly double[] PowersOfTen = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Fills <paramref name="samples"/> from the text after a <c>[</c>. False unless it holds exactly as many plain numbers up to its <c>]</c>, whose place is <paramref name="end"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, Span<float> samples, out int end)
    {
        end = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            SkipSpace(json, ref end);
            if (!TryNumber(json, ref end, out samples[i]))
            {
                return false;
            }

            SkipSpace(json, ref end);
            if (end == json.Length || json[end] != (i == samples.Length - 1 ? (byte)']' : (byte)','))
            {
                return false;
            }

            end++;
        }

        end--;
        return samples.Length > 0;
    }

    private static bool TryNumber(ReadOnlySpan<byte> json, ref int at, out float number)
    {
        number = 0;
        var negative = at < json.Length && json[at] == '-';
        at += negative ? 1 : 0;
        var start = at;
        var digits = 0L;
        Digits(json, ref at, ref digits);
        var whole = at - start;
        if (whole == 0 || (whole > 1 && json[start] == '0'))
        {
            return false;
        }

        var fraction = 0;
        if (at < json.Length && json[at] == '.')
        {
            start = ++at;
            Digits(json, ref at, ref digits);
            fraction = at - start;
            if (fraction == 0)
            {
                return false;
            }
        }

        // An exponent ends the digits at a letter, which is neither comma nor bracket. Both operands are exact, so the quotient is the nearest double.
        if (whole + fraction > MostDigits)
        {
            return false;
        }

        var value = digits / PowersOfTen[fraction];
        if ((BitConverter.DoubleToUInt64Bits(value) & StepBits) - (HalfStep - 1) <= 2)
        {
            return false;
        }

        number = (float)(negative ? -value : value);
        return true;
    }

    private static void Digits(ReadOnlySpan<byte> json, ref int at, ref long digits)
    {
        for (; at < json.Length && (uint)(json[at] - '0') is <= 9 and var digit; at++)
        {
            // More digits than a number may have here wrap around; they are counted, and refused.
            digits = unchecked((digits * 10) + digit);
        }
    }

    private static void SkipSpace(ReadOnlySpan<byte> json, ref int at)
    {
        while (at < json.Length && json[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }
    }
}
