using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.State;

/// <summary>
/// Writes JSON the way daprd's state API stores it: members sorted, no white space, numbers as doubles in their short form, HTML characters escaped.
/// An app that moves between this runtime and daprd reads the same bytes.
/// </summary>
internal static class GoJson
{
    /// <summary>Below it a whole number's shortest digits are all its digits.</summary>
    private const double ExactIntegers = 1L << 53;

    private static readonly SearchValues<char> Special = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static c => (char)c), '"', '\\', '<', '>', '&', '\u2028', '\u2029']);

    // Go sorts names by their bytes: UTF-16 order differs for what lies beyond the surrogates.
    private static readonly IComparer<string> ByBytes = Comparer<string>.Create(static (one, other) => Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other)));

    /// <param name="value">What is to be written.</param>
    /// <param name="keepNumbers">Numbers stay as they are spelt, as in published events.</param>
    /// <exception cref="NotFiniteNumberException">A number is too large for a double; the message holds its text.</exception>
    internal static byte[] Rewrite(JsonElement value, bool keepNumbers = false)
    {
        var output = new ArrayBufferWriter<byte>(256);
        Write(output, value, keepNumbers);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> output, JsonElement value, bool keepNumbers)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                output.Write("{"u8);
                var first = true;
                foreach (var (name, member) in value.EnumerateObject().GroupBy(GoText.Of).Select(static g => (g.Key, g.Last().Value)).OrderBy(static m => m.Key, ByBytes))
                {
                    if (!first) output.Write(","u8);
                    first = false;
                    Quote(output, name);
                    output.Write(":"u8);
                    Write(output, member, keepNumbers);
                }
                output.Write("}"u8);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                var begun = false;
                foreach (var element in value.EnumerateArray())
                {
                    if (begun) output.Write(","u8);
                    begun = true;
                    Write(output, element, keepNumbers);
                }
                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                Quote(output, GoText.Of(value));
                break;
            case JsonValueKind.Number when !keepNumbers:
                Text(output, value.GetDouble() is var number && double.IsFinite(number) ? Number(number) : throw new NotFiniteNumberException(value.GetRawText()));
                break;
            default:
                Text(output, value.GetRawText());
                break;
        }
    }

    /// <summary>The shortest digits that read back the same; an exponent below 1e-6 and from 1e21 on.</summary>
    internal static string Number(double number)
    {
        if (number == 0) return double.IsNegative(number) ? "-0" : "0";
        if (Math.Abs(number) < ExactIntegers && Math.Truncate(number) == number) return ((long)number).ToString(CultureInfo.InvariantCulture);
        var (digits, exponent) = Digits(number);
        var sign = number < 0 ? "-" : "";
        if (exponent is < -6 or >= 21)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}";
        }
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        if (exponent >= digits.Length - 1) return $"{sign}{digits}{new string('0', exponent - digits.Length + 1)}";
        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>The significant digits of a number and the exponent of the first of them.</summary>
    internal static (string Digits, int Exponent) Digits(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E');
        var power = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = (mark < 0 ? text : text[..mark]).TrimStart('-');
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa.Length : point;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        return (digits.Length == 0 ? "0" : digits, whole - 1 - leading + power);
    }

    private static void Quote(ArrayBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        var rest = text.AsSpan();
        for (; rest.IndexOfAny(Special) is >= 0 and var plain; rest = rest[(plain + 1)..])
        {
            Text(output, rest[..plain]);
            Text(output, Escaped(rest[plain]));
        }
        Text(output, rest);
        output.Write("\""u8);
    }

    private static string Escaped(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        _ => $"\\u{(int)c:x4}",
    };

    private static void Text(ArrayBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}
