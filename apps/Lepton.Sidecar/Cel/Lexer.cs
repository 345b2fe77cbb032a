using System.Globalization;
using System.Text;

namespace Lepton.Sidecar.Cel;

internal enum TokenKind { End, Name, Text, Number, Symbol }

internal readonly record struct Token(TokenKind Kind, string Text, object? Value = null);

/// <summary>Cuts an expression into tokens.</summary>
internal sealed class Lexer
{
    private static readonly string[] Pairs = ["&&", "||", "==", "!=", "<=", ">="];
    private readonly string text;
    private int at;

    internal Lexer(string text)
    {
        this.text = text;
        Current = Read();
    }

    internal Token Current { get; private set; }

    internal Token Next()
    {
        var token = Current;
        Current = Read();
        return token;
    }

    private Token Read()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        if (at >= text.Length) return new(TokenKind.End, "the end");
        var first = text[at];
        if (first is 'r' or 'R' && at + 1 < text.Length && text[at + 1] is '"' or '\'') return Quoted(text[++at], raw: true);
        if (char.IsAsciiLetter(first) || first == '_') return Name();
        if (char.IsAsciiDigit(first)) return Number();
        if (first is '"' or '\'') return Quoted(first, raw: false);
        foreach (var pair in Pairs)
        {
            if (string.CompareOrdinal(text, at, pair, 0, 2) != 0) continue;
            at += 2;
            return new(TokenKind.Symbol, pair);
        }
        at++;
        return new(TokenKind.Symbol, first.ToString());
    }

    private Token Name()
    {
        var begin = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
        return new(TokenKind.Name, text[begin..at]);
    }

    private Token Number()
    {
        var begin = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.' || (text[at] is '+' or '-' && text[at - 1] is 'e' or 'E'))) at++;
        var digits = text[begin..at].TrimEnd('u', 'U');
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, null, out var hex)) return new(TokenKind.Number, digits, hex);
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)) return new(TokenKind.Number, digits, whole);
        if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) throw new CelException($"'{digits}' is no number");
        return new(TokenKind.Number, digits, number);
    }

    private Token Quoted(char quote, bool raw)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (raw || text[at] != '\\' || at + 1 >= text.Length) value.Append(text[at]);
            else value.Append(text[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
        }
        if (at >= text.Length) throw new CelException("a quoted text has no end");
        at++;
        return new(TokenKind.Text, value.ToString(), value.ToString());
    }
}
