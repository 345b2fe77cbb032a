using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lepton.Sidecar.Cel;

/// <summary>What CEL's operators and functions do. JSON numbers are doubles, as in Dapr's rules; a whole number of the rule itself is none: the two compare, but do not calculate.</summary>
internal static class Operations
{
    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(100);

    /// <summary>A JSON value as the plain value it holds; objects and arrays stay.</summary>
    internal static object? Plain(object? value) => value is not JsonElement element ? value : element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => element,
    };

    internal static bool Bool(object? value) => value as bool? ?? throw new CelException("a value is not true or false");

    internal static object Negative(object? value) => value switch
    {
        long whole => -whole,
        double number => -number,
        _ => throw new CelException("a value is no number"),
    };

    /// <summary>`||` and `&amp;&amp;`: one side that decides is enough, even when the other fails.</summary>
    internal static object Either(Node left, Node right, Func<string, object?> variables, bool decides)
    {
        CelException? failed = null;
        try
        {
            if (Bool(left(variables)) == decides) return decides;
        }
        catch (CelException fault)
        {
            failed = fault;
        }
        if (Bool(right(variables)) == decides) return decides;
        return failed is null ? !decides : throw failed;
    }

    internal static object Compare(string sign, object? a, object? b) => sign switch
    {
        "==" => Same(a, b),
        "!=" => !Same(a, b),
        "in" => Contains(b, a),
        "<" => Order(a, b) < 0,
        "<=" => Order(a, b) <= 0,
        ">" => Order(a, b) > 0,
        _ => Order(a, b) >= 0,
    };

    internal static object Arithmetic(string sign, object? a, object? b) => (sign, a, b) switch
    {
        ("+", string x, string y) => x + y,
        ("+", long x, long y) => x + y,
        ("-", long x, long y) => x - y,
        ("*", long x, long y) => x * y,
        ("/" or "%", long, 0L) => throw new CelException("division by zero"),
        ("/", long x, long y) => x / y,
        ("%", long x, long y) => x % y,
        ("+", double x, double y) => x + y,
        ("-", double x, double y) => x - y,
        ("*", double x, double y) => x * y,
        ("/", double x, double y) => x / y,
        ("+", _, _) when Items(a) is { } x && Items(b) is { } y => (object?[])[.. x, .. y],
        _ => throw new CelException($"no such overload: {sign} with these values; write int(...) or double(...) around one of them"),
    };

    internal static object? Member(object? owner, string name)
    {
        if (owner is JsonElement { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value)) return Plain(value);
        throw new CelException($"no such key: {name}");
    }

    internal static object? Index(object? owner, object? index)
    {
        if (index is string name) return Member(owner, name);
        var at = index switch
        {
            long whole => whole,
            double number when number == Math.Truncate(number) => (long)number,
            _ => throw new CelException("an index is no whole number"),
        };
        return Items(owner) is { } items && at >= 0 && at < items.Count ? items[(int)at] : throw new CelException($"index {at} is out of range");
    }

    /// <summary>The items of a list; null for what is none.</summary>
    internal static IReadOnlyList<object?>? Items(object? value) => value switch
    {
        object?[] items => items,
        JsonElement { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(static item => Plain(item))],
        _ => null,
    };

    /// <summary>Whether the owner, which must be there, has the member.</summary>
    internal static object Has(object? owner, string name) => owner is JsonElement { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out _);

    internal static object Call(string name, object? owner, object?[] arguments) => (name, owner, arguments) switch
    {
        ("size", string text, []) => (long)text.EnumerateRunes().Count(),
        ("size", JsonElement { ValueKind: JsonValueKind.Object } map, []) => (long)map.EnumerateObject().Count(),
        ("size", _, []) when Items(owner) is { } items => (long)items.Count,
        ("string", bool value, []) => value ? "true" : "false",
        ("string", string or long or double, []) => Convert.ToString(owner, CultureInfo.InvariantCulture)!,
        ("int", long, []) => owner,
        ("int", double number, []) => (long)number,
        ("int", string text, []) when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        ("double", long or double, []) => Convert.ToDouble(owner, CultureInfo.InvariantCulture),
        ("double", string text, []) when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        ("bool", bool, []) => owner,
        ("bool", "true" or "false", []) => owner is "true",
        ("dyn", _, []) => owner!,
        ("startsWith", string text, [string part]) => text.StartsWith(part, StringComparison.Ordinal),
        ("endsWith", string text, [string part]) => text.EndsWith(part, StringComparison.Ordinal),
        ("contains", string text, [string part]) => text.Contains(part, StringComparison.Ordinal),
        ("matches", string text, [string pattern]) => Matches(text, pattern),
        _ => throw new CelException($"no such overload: {name}"),
    };

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, PatternLimit);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException or RegexMatchTimeoutException)
        {
            throw new CelException($"the pattern '{pattern}' cannot be used");
        }
    }

    private static bool Same(object? a, object? b) => (a, b) switch
    {
        (long x, double y) => x == y,
        (double x, long y) => x == y,
        (JsonElement x, JsonElement y) => JsonElement.DeepEquals(x, y),
        _ when Items(a) is { } x && Items(b) is { } y => x.Count == y.Count && x.Zip(y).All(static pair => Same(pair.First, pair.Second)),
        _ => Equals(a, b),
    };

    private static int Order(object? a, object? b) => (a, b) switch
    {
        (long x, long y) => x.CompareTo(y),
        (double or long, double or long) => Convert.ToDouble(a, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(b, CultureInfo.InvariantCulture)),
        (string x, string y) => string.CompareOrdinal(x, y),
        (bool x, bool y) => x.CompareTo(y),
        _ => throw new CelException("no such overload: values of different types cannot be ordered"),
    };

    private static bool Contains(object? container, object? value) => container switch
    {
        _ when Items(container) is { } items => items.Any(item => Same(item, value)),
        JsonElement { ValueKind: JsonValueKind.Object } map => value is string name && map.TryGetProperty(name, out _),
        _ => throw new CelException("`in` needs a list or a map"),
    };
}
