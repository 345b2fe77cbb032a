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
    [InlineData("event.data.n + 1 == 8 ? event.data.t : false", true)]
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
    public void Expressions_fail_on_what_they_cannot_work_with(string text) => Assert.Throws<CelException>(() => Holds(text));

    [Theory]
    [InlineData("event.type ==")]
    [InlineData("(1 == 1")]
    [InlineData("'open")]
    public void Wrong_texts_are_refused(string text) => Assert.NotNull(Expression.Parse(text, out _));
}
