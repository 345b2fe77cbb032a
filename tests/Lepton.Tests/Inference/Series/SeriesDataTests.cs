using System.Text;
using Lepton.Inference;

namespace Lepton.Tests.Inference.Series;

public sealed class SeriesDataTests
{
    [Theory]
    [InlineData("", "the payload is empty")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("""{"signals": {"a": [1, 2""", "malformed JSON")]
    [InlineData("""{"signals": {"a": [1, 2]}, "values": {"load": 1}} trailing""", "malformed JSON")]
    [InlineData("""{"signals": {"a": [1, NaN]}, "values": {"load": 1}}""", "malformed JSON")]
    [InlineData("""{"signals": {"a": [1, 1e60]}, "values": {"load": 1}}""", "signal 'a' holds at index 1")]
    [InlineData("""{"signals": {"a": [1, null]}, "values": {"load": 1}}""", "signal 'a' holds at index 1")]
    [InlineData("""{"signals": {"a": [1, 2, 3]}, "values": {"load": 1}}""", "signal 'a' has 3 samples, and pipeline 'machine' takes 2")]
    [InlineData("""{"signals": {"a": 1}, "values": {"load": 1}}""", "signal 'a' is no list")]
    [InlineData("""{"values": {"load": 1}}""", "signal 'a' is missing")]
    [InlineData("""{"signals": {"a": [1, 2]}}""", "value 'load' is missing")]
    [InlineData("""{"signals": {"a": [1, 2]}, "values": {"load": "1"}}""", "value 'load' is no finite number")]
    [InlineData("""{"signals": 3}""", "field 'signals' is no JSON object")]
    public void What_a_pipeline_does_not_take_is_named_with_a_cure(string json, string expected)
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline("{kind: series, signals: {a: 2}, values: [load]}", "{step: take}");
        Assert.Null(EventInput.Read(pipeline, "d", "application/json", Encoding.UTF8.GetBytes(json), null, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Contains("'machine'", problem, StringComparison.Ordinal);
        Assert.Contains("; send", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Members_that_nobody_asked_for_are_ignored()
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline("{kind: series, signals: {a: 2}, values: [load]}", "{step: take}");
        var input = ResourceFolder.Event(pipeline, """{"rate": 360, "signals": {"b": [[1]], "a": [1, 2]}, "values": {"x": {}, "load": 3}, "note": {"a": [1]}}""");
        Assert.Equal([1, 2], input.Series!.Signals[0]);
        Assert.Equal([3], input.Series.Values);
    }

    [Fact]
    public void Another_content_type_or_a_payload_too_large_is_refused()
    {
        using var folder = new ResourceFolder();
        var pipeline = folder.Pipeline("{kind: series, values: [load], maxBytes: 1Ki}", "{step: values}");
        Assert.Null(EventInput.Read(pipeline, "d", "image/png", new byte[10], null, out var problem));
        Assert.Contains("'image/png'", problem, StringComparison.Ordinal);
        Assert.Null(EventInput.Read(pipeline, "d", "application/json", new byte[1025], null, out problem));
        Assert.Contains("1025 bytes", problem, StringComparison.Ordinal);
        Assert.NotNull(EventInput.Read(pipeline, "d", "application/json; charset=utf-8", """{"values": {"load": 1}}"""u8.ToArray(), null, out _));
    }
}
