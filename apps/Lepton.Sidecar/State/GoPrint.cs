using System.Text.Json;
using Lepton.Sidecar.Http;

namespace Lepton.Sidecar.State;

/// <summary>JSON as Go prints the value it decodes to: `map[a:1 b:[x y]]`, `1e+06`, `&lt;nil&gt;`.</summary>
internal static class GoPrint
{
    internal static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"map[{string.Join(' ', value.EnumerateObject().OrderBy(GoText.Of, StringComparer.Ordinal).Select(static m => $"{GoText.Of(m)}:{Of(m.Value)}"))}]",
        JsonValueKind.Array => $"[{string.Join(' ', value.EnumerateArray().Select(Of))}]",
        JsonValueKind.Number => Number(value.GetDouble()),
        JsonValueKind.String => GoText.Of(value),
        JsonValueKind.Null => "<nil>",
        _ => value.GetRawText(),
    };

    /// <summary>The shortest digits, with an exponent (of two digits) below 1e-4 and from 1e6 on.</summary>
    private static string Number(double number)
    {
        var (digits, exponent) = GoJson.Digits(number);
        var sign = double.IsNegative(number) ? "-" : "";
        if (number == 0 || exponent is >= -4 and < 6) return GoJson.Number(number);
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent):00}";
    }
}
