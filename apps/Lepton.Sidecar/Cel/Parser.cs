namespace Lepton.Sidecar.Cel;

/// <summary>Turns tokens into a tree of closures, by CEL's order of operators.</summary>
internal sealed class Parser(Lexer lexer)
{
    // What the last member chain ended in, for has: its last member is asked for and not read.
    private (Node Owner, string Name)? member;

    internal Node Whole()
    {
        var node = Choice();
        if (lexer.Current.Kind != TokenKind.End) throw new CelException($"'{lexer.Current.Text}' is not expected");
        return node;
    }

    private Node Choice()
    {
        var condition = Or();
        if (!Take("?")) return condition;
        var yes = Choice();
        Expect(":");
        var no = Choice();
        return v => Operations.Bool(condition(v)) ? yes(v) : no(v);
    }

    private Node Or()
    {
        var left = And();
        while (Take("||"))
        {
            var (a, b) = (left, And());
            left = v => Operations.Either(a, b, v, true);
        }
        return left;
    }

    private Node And()
    {
        var left = Relation();
        while (Take("&&"))
        {
            var (a, b) = (left, Relation());
            left = v => Operations.Either(a, b, v, false);
        }
        return left;
    }

    private Node Relation()
    {
        var left = Sum();
        while (lexer.Current is { Kind: TokenKind.Symbol, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" } or { Kind: TokenKind.Name, Text: "in" })
        {
            var (a, sign, b) = (left, lexer.Next().Text, Sum());
            left = v => Operations.Compare(sign, a(v), b(v));
        }
        return left;
    }

    private Node Sum()
    {
        var left = Product();
        while (lexer.Current is { Kind: TokenKind.Symbol, Text: "+" or "-" })
        {
            var (a, sign, b) = (left, lexer.Next().Text, Product());
            left = v => Operations.Arithmetic(sign, a(v), b(v));
        }
        return left;
    }

    private Node Product()
    {
        var left = Unary();
        while (lexer.Current is { Kind: TokenKind.Symbol, Text: "*" or "/" or "%" })
        {
            var (a, sign, b) = (left, lexer.Next().Text, Unary());
            left = v => Operations.Arithmetic(sign, a(v), b(v));
        }
        return left;
    }

    private Node Unary()
    {
        if (Take("!"))
        {
            var node = Unary();
            return v => !Operations.Bool(node(v));
        }
        if (Take("-"))
        {
            var node = Unary();
            return v => Operations.Negative(node(v));
        }
        return Member();
    }

    private Node Member()
    {
        var node = Primary();
        while (true)
        {
            var owner = node;
            if (Take("."))
            {
                var name = Name();
                if (Take("("))
                {
                    node = Macros.Known(name) ? Macro(name, owner) : Method(name, owner, Arguments(")"));
                    member = null;
                }
                else
                {
                    node = v => Operations.Member(owner(v), name);
                    member = (owner, name);
                }
            }
            else if (Take("["))
            {
                var index = Choice();
                Expect("]");
                node = v => Operations.Index(owner(v), index(v));
                member = null;
            }
            else
            {
                return node;
            }
        }
    }

    private Node Primary()
    {
        member = null;
        if (Take("("))
        {
            var inner = Choice();
            Expect(")");
            return inner;
        }
        if (Take("["))
        {
            var items = Arguments("]");
            return v => items.Select(i => i(v)).ToArray();
        }
        var token = lexer.Next();
        if (token.Kind is TokenKind.Text or TokenKind.Number)
        {
            var value = token.Value;
            return _ => value;
        }
        if (token.Kind != TokenKind.Name) throw new CelException($"'{token.Text}' is not expected");
        return token.Text switch
        {
            "true" => static _ => true,
            "false" => static _ => false,
            "null" => static _ => null,
            _ when Take("(") => Function(token.Text),
            var variable => v => Operations.Plain(v(variable)),
        };
    }

    private Node Function(string name)
    {
        if (name == "has")
        {
            Choice();
            if (member is not var (owner, asked)) throw new CelException("has takes a member, such as has(event.data)");
            Expect(")");
            return v => Operations.Has(owner(v), asked);
        }
        var arguments = Arguments(")");
        if (arguments.Count != 1) throw new CelException($"{name} takes one value");
        var argument = arguments[0];
        return v => Operations.Call(name, argument(v), []);
    }

    private static Node Method(string name, Node owner, List<Node> arguments) => v => Operations.Call(name, owner(v), [.. arguments.Select(a => a(v))]);

    /// <summary>`list.exists(x, x > 1)` and its like, behind the opening bracket.</summary>
    private Node Macro(string name, Node list)
    {
        var variable = Name();
        Expect(",");
        var body = Choice();
        Expect(")");
        return v => Macros.Run(name, list(v), item => body(asked => asked == variable ? item : v(asked)));
    }

    private List<Node> Arguments(string end)
    {
        var arguments = new List<Node>();
        if (Take(end)) return arguments;
        do arguments.Add(Choice());
        while (Take(","));
        Expect(end);
        return arguments;
    }

    private string Name() => lexer.Next() is { Kind: TokenKind.Name } token ? token.Text : throw new CelException("a member name is missing after '.'");

    private bool Take(string symbol)
    {
        if (lexer.Current.Kind != TokenKind.Symbol || lexer.Current.Text != symbol) return false;
        lexer.Next();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol)) throw new CelException($"'{symbol}' is missing before '{lexer.Current.Text}'");
    }
}
