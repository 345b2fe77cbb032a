using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lepton.Sidecar.Cel;

/// <summary>What CEL's operators and functions do. Numbers are doubles, as JSON numbers are in Dapr's rules.</summary>
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

    internal static double Number(object? value) => value as double? ?? throw new CelException("a value is no number");

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

    internal static object Arithmetic(string sign, object? a, object? b) => sign switch
    {
        "+" when a is string x && b is string y => x + y,
        "+" => Number(a) + Number(b),
        "-" => Number(a) - Number(b),
        "*" => Number(a) * Number(b),
        "/" => Number(b) == 0 ? throw new CelException("division by zero") : Number(a) / Number(b),
        _ => Number(a) % Number(b),
    };

    internal static object? Member(object? owner, string name)
    {
        if (owner is JsonElement { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value)) return Plain(value);
        throw new CelException($"no such key: {name}");
    }

    internal static object? Index(object? owner, object? index)
    {
        if (index is string name) return Member(owner, name);
        var at = (int)Number(index);
        if (owner is JsonElement { ValueKind: JsonValueKind.Array } list && at >= 0 && at < list.GetArrayLength()) return Plain(list[at]);
        if (owner is object?[] items && at >= 0 && at < items.Length) return items[at];
        throw new CelException($"index {at} is out of range");
    }

    internal static object Has(Node member, Func<string, object?> variables)
    {
        try
        {
            member(variables);
            return true;
        }
        catch (CelException)
        {
            return false;
        }
    }

    internal static object Call(string name, object? owner, object?[] arguments) => (name, owner, arguments) switch
    {
        ("size", string text, []) => (double)text.Length,
        ("size", JsonElement { ValueKind: JsonValueKind.Array } list, []) => (double)list.GetArrayLength(),
        ("size", JsonElement { ValueKind: JsonValueKind.Object } map, []) => (double)map.EnumerateObject().Count(),
        ("size", object?[] items, []) => (double)items.Length,
        ("string", _, []) => Convert.ToString(owner, CultureInfo.InvariantCulture) ?? "",
        ("int", _, []) => Math.Truncate(ToNumber(owner)),
        ("double", _, []) => ToNumber(owner),
        ("startsWith", string text, [string part]) => text.StartsWith(part, StringComparison.Ordinal),
        ("endsWith", string text, [string part]) => text.EndsWith(part, StringComparison.Ordinal),
        ("contains", string text, [string part]) => text.Contains(part, StringComparison.Ordinal),
        ("matches", string text, [string pattern]) => Matches(text, pattern),
        _ => throw new CelException($"no such overload: {name}"),
    };

    private static double ToNumber(object? value) => value switch
    {
        double number => number,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw new CelException("a value cannot become a number"),
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

    private static bool Same(object? a, object? b) => a is JsonElement x && b is JsonElement y ? JsonElement.DeepEquals(x, y) : Equals(a, b);

    private static int Order(object? a, object? b) => (a, b) switch
    {
        (double x, double y) => x.CompareTo(y),
        (string x, string y) => string.CompareOrdinal(x, y),
        (bool x, bool y) => x.CompareTo(y),
        _ => throw new CelException("no such overload: values of different types cannot be ordered"),
    };

    private static bool Contains(object? container, object? value) => container switch
    {
        object?[] items => items.Any(i => Same(i, value)),
        JsonElement { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Any(i => Same(Plain(i), value)),
        JsonElement { ValueKind: JsonValueKind.Object } map => value is string name && map.TryGetProperty(name, out _),
        _ => throw new CelException("`in` needs a list or a map"),
    };
}
