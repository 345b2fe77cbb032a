using System.Text.Json;
using Lepton.Sidecar.Cel;

namespace Lepton.Tests.Sidecar.Resources;

public sealed class ExpressionTests
{
    private static readonly JsonElement Event = JsonDocument.Parse("""{"type":"a.b","data":{"n":7,"list":["x","y"],"t":true}}""").RootElement;

    private static bool Holds(string text)
    {
        Assert.Null(Expression.Parse(text, out var expression));
        return expression!.Holds(name => name == "event" ? Event : throw new CelException(name));
    }

    [Theory]
    [InlineData("event.type == \"a.b\"", true)]
    [InlineData("event.data.n > 6 && event.data.n <= 7", true)]
    [InlineData("event.data.n + 1.0 == 8 ? event.data.t : false", true)]
    [InlineData("int(event.data.n) % 2 == 1 && 7 / 2 == 3 && -event.data.n < 0x10", true)]
    [InlineData("event.data.list.exists(x, x == 'y') && !event.data.list.all(x, x == 'y')", true)]
    [InlineData("size(event.data.list.filter(x, x != 'y')) == 1 && event.data.list.map(x, x + '!') == ['x!', 'y!']", true)]
    [InlineData("event.data.exists(name, name == 't') && event.data.list.exists_one(x, x == 'x')", true)]
    [InlineData("event.type.matches(r'^a\\.b$') && event['type'] == 'a.b'", true)]
    [InlineData("has(event.type.m) || event.data.list == ['y', 'x']", false)]
    [InlineData("event.type.startsWith('a.') && !event.type.endsWith('c')", true)]
    [InlineData("\"y\" in event.data.list", true)]
    [InlineData("has(event.data.m) && event.data.m > 1", false)]
    [InlineData("true || event.nothing == 1", true)]
    [InlineData("event.nothing == 1 || true", true)]
    [InlineData("size(event.data.list) == 2 && event.data.list[0] == 'x'", true)]
    [InlineData("event.type.matches('^a[.]')", true)]
    public void Expressions_hold_or_do_not(string text, bool holds) => Assert.Equal(holds, Holds(text));

    [Theory]
    [InlineData("event.nothing == 1")]
    [InlineData("event.data.n")]
    [InlineData("event.type > 1")]
    [InlineData("event.data.n + 1 == 8")]
    [InlineData("event.data.n % 2.0 == 1.0")]
    [InlineData("has(event.nothing.m)")]
    public void Expressions_fail_on_what_they_cannot_work_with(string text) => Assert.Throws<CelException>(() => Holds(text));

    [Theory]
    [InlineData("event.type ==")]
    [InlineData("(1 == 1")]
    [InlineData("has(1)")]
    [InlineData("'open")]
    public void Wrong_texts_are_refused(string text) => Assert.NotNull(Expression.Parse(text, out _));
}
