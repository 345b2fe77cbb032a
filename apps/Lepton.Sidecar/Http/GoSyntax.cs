using System.Buffers;

namespace Lepton.Sidecar.Http;

/// <summary>
/// What is wrong with a text that should be JSON, in the words of daprd's parser: clients have come to look for them. Null when nothing is, or when it is nested too deep to say.
/// </summary>
internal ref struct GoSyntax
{
    private const int Deepest = 500;
    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdefABCDEF"u8);
    private readonly ReadOnlySpan<byte> text;
    private readonly string end;
    private int at;
    private string? fault;

    private GoSyntax(ReadOnlySpan<byte> text, string end)
    {
        this.text = text;
        this.end = end;
    }

    /// <summary>Of a request's body: what follows the first value does not matter.</summary>
    internal static string? OfBody(ReadOnlySpan<byte> body)
    {
        var scan = new GoSyntax(body, "unexpected EOF");
        scan.Space();
        if (scan.at == body.Length) return "EOF";
        scan.Value(0);
        return scan.fault;
    }

    /// <summary>Of a value that stands for itself.</summary>
    internal static string? OfValue(ReadOnlySpan<byte> value)
    {
        var scan = new GoSyntax(value, "unexpected end of JSON input");
        scan.Value(0);
        scan.Space();
        if (scan.fault is null && scan.at < value.Length) scan.Refuse("after top-level value");
        return scan.fault;
    }

    private bool Value(int depth)
    {
        Space();
        if (!Peek(out var first)) return false;
        if (depth > Deepest)
        {
            at = text.Length;
            return false;
        }
        switch (first)
        {
            case (byte)'{': return Members(depth);
            case (byte)'[': return Elements(depth);
            case (byte)'"': return String();
            case (byte)'t': return Literal("true"u8);
            case (byte)'f': return Literal("false"u8);
            case (byte)'n': return Literal("null"u8);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'): return Number();
            default: return Refuse("looking for beginning of value");
        }
    }

    private bool Members(int depth)
    {
        at++;
        Space();
        if (!Peek(out var next)) return false;
        if (next == '}') return Step();
        while (true)
        {
            Space();
            if (!Expect('"', "looking for beginning of object key string") || !String()) return false;
            Space();
            if (!Expect(':', "after object key")) return false;
            at++;
            if (!Value(depth + 1)) return false;
            Space();
            if (!Peek(out next)) return false;
            if (next == '}') return Step();
            if (!Expect(',', "after object key:value pair")) return false;
            at++;
        }
    }

    private bool Elements(int depth)
    {
        at++;
        Space();
        if (!Peek(out var next)) return false;
        if (next == ']') return Step();
        while (true)
        {
            if (!Value(depth + 1)) return false;
            Space();
            if (!Peek(out next)) return false;
            if (next == ']') return Step();
            if (!Expect(',', "after array element")) return false;
            at++;
        }
    }

    private bool String()
    {
        at++;
        while (Peek(out var c))
        {
            if (c == '"') return Step();
            if (c < ' ') return Refuse("in string literal");
            at++;
            if (c == '\\' && !Escape()) return false;
        }
        return false;
    }

    private bool Escape()
    {
        if (!Peek(out var c)) return false;
        if (!"\"\\/bfnrtu"u8.Contains(c)) return Refuse("in string escape code");
        at++;
        for (var i = 0; c == 'u' && i < 4; i++, at++)
        {
            if (!Peek(out var digit)) return false;
            if (!Hex.Contains(digit)) return Refuse("in \\u hexadecimal character escape");
        }
        return true;
    }

    private bool Literal(ReadOnlySpan<byte> word)
    {
        for (var i = 0; i < word.Length; i++, at++)
        {
            if (!Peek(out var c)) return false;
            if (c != word[i]) return Refuse($"in literal {System.Text.Encoding.ASCII.GetString(word)} (expecting '{(char)word[i]}')");
        }
        return true;
    }

    private bool Number()
    {
        if (text[at] == '-') at++;
        if (!Digit("in numeric literal")) return false;
        if (text[at] == '0') at++;
        else Digits();
        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (!Digit("after decimal point in numeric literal")) return false;
            Digits();
        }
        if (at >= text.Length || (text[at] | 0x20) != 'e') return true;
        at++;
        if (at < text.Length && text[at] is (byte)'+' or (byte)'-') at++;
        if (!Digit("in exponent of numeric literal")) return false;
        Digits();
        return true;
    }

    private bool Digit(string where) => Peek(out var c) && (char.IsAsciiDigit((char)c) || Refuse(where));

    private void Digits()
    {
        while (at < text.Length && char.IsAsciiDigit((char)text[at])) at++;
    }

    private bool Expect(char wanted, string where) => Peek(out var c) && (c == wanted || Refuse(where));

    private void Space()
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') at++;
    }

    private bool Step()
    {
        at++;
        return true;
    }

    private bool Peek(out byte c)
    {
        c = at < text.Length ? text[at] : (byte)0;
        if (at < text.Length) return true;
        fault ??= end;
        return false;
    }

    private bool Refuse(string where)
    {
        fault ??= $"invalid character {Quote((char)text[at])} {where}";
        return false;
    }

    private static string Quote(char c) => c switch
    {
        '\'' => "'\\''",
        '\\' => "'\\\\'",
        '\n' => "'\\n'",
        '\r' => "'\\r'",
        '\t' => "'\\t'",
        _ when c < ' ' || c == 0x7f => $"'\\x{(int)c:x2}'",
        _ when c is >= (char)0x80 and < (char)0xa0 => $"'\\u{(int)c:x4}'",
        _ => $"'{c}'",
    };
}
