namespace Lepton.Sidecar.Cel;

/// <summary>An expression met something it cannot work with: a missing member, a wrong type, no boolean at the end.</summary>
internal sealed class CelException(string message) : Exception(message);

/// <summary>
/// A compiled expression of the part of CEL that routing rules and circuit breakers use: literals, members, indexes, comparison, arithmetic,
/// `&amp;&amp; || ! ?: in`, has, size, string, int, double, bool, startsWith, endsWith, contains, matches, all, exists, exists_one, filter, map.
/// </summary>
internal sealed class Expression
{
    private readonly Node root;

    private Expression(string text, Node root) => (Text, this.root) = (text, root);

    internal string Text { get; }

    internal static Expression Never { get; } = new("false", _ => false);

    /// <summary>Compiles; gives what is wrong, or null.</summary>
    internal static string? Parse(string text, out Expression? expression)
    {
        expression = null;
        try
        {
            expression = new Expression(text, new Parser(new Lexer(text)).Whole());
            return null;
        }
        catch (CelException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>Whether the expression holds; <paramref name="variables"/> gives a variable's value or throws <see cref="CelException"/>.</summary>
    /// <exception cref="CelException">The expression failed on these variables.</exception>
    internal bool Holds(Func<string, object?> variables) => root(variables) is bool holds ? holds : throw new CelException($"'{Text}' does not give true or false");
}

internal delegate object? Node(Func<string, object?> variables);
