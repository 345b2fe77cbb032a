using System.Buffers;
using System.Text;
using System.Text.Json;
using Lepton.Sidecar.PubSub;
using Lepton.Sidecar.State;

namespace Lepton.Tests.Sidecar.PubSub;

public sealed class DataJsonTests
{
    private static readonly string[] Names = ["a", "ab", "b", "B", "", " ", "!", "é", "\U0001F600", "\uFFFD", "zz"];
    private static readonly string[] Leaves = ["1", "-0.50", "1e400", "12345678901234567890", "true", "null", "\"\"", "\"x,}]{[:\"", "\"<\"", "\"\\n\"", "\"\\u00e9\"", "\"é\"", "\"\u2028\""];

    [Fact]
    public void What_is_copied_or_sorted_is_what_writing_it_anew_gives()
    {
        var random = new Random(11);
        for (var i = 0; i < 20_000; i++)
        {
            var text = Value(random, depth: 0, space: i % 5 == 0 ? " " : "");
            Assert.True(Anew(text) == Passed(text), $"{text} became {Passed(text)}, not {Anew(text)}");
        }
    }

    [Theory]
    [InlineData("""{"b":[{"d":1,"c":[]},2],"a":{"y":"}","x":"{"}}""", """{"a":{"x":"{","y":"}"},"b":[{"c":[],"d":1},2]}""")]
    [InlineData("""{"a":1,"a":2,"A":3,"a":4}""", """{"A":3,"a":4}""")]
    [InlineData("""[1.50,{"b":1,"a":2}] trailing""", """[1.50,{"a":2,"b":1}]""")]
    public void Members_are_sorted_and_the_last_of_one_name_stays(string text, string passed) => Assert.Equal(passed, Passed(text));

    private static string Anew(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Encoding.UTF8.GetString(GoJson.Rewrite(document.RootElement, keepNumbers: true));
    }

    private static string Passed(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        Assert.True(DataJson.TryWrite(json, Encoding.UTF8.GetBytes(text)));
        json.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Value(Random random, int depth, string space)
    {
        var length = random.Next(5);
        return random.Next(depth > 4 ? 1 : 3) switch
        {
            0 => random.Next(3) == 0 ? Leaves[random.Next(Leaves.Length)] : $"{random.Next(100)}",
            1 => $"[{string.Join(',', Enumerable.Range(0, length).Select(_ => Value(random, depth + 1, space)))}]",
            _ => $"{{{space}{string.Join(',', Enumerable.Range(0, length).Select(_ => $"\"{Names[random.Next(Names.Length)]}\":{Value(random, depth + 1, space)}"))}}}",
        };
    }
}
