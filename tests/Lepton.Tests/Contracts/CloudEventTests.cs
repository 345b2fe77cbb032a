using System.Text;
using Lepton.Contracts.Events;

namespace Lepton.Tests.Contracts;

public sealed class CloudEventTests
{
    [Fact]
    public void Json_data_stays_as_it_was_written()
    {
        var json = """{"specversion":"1.0","id":"7","source":"urn:d:1","type":"t","time":"2026-01-02T03:04:05Z","data":{ "n": 1234567890123456789, "x":[1.50] },"later":true}""";
        Assert.True(CloudEvent.TryParse(Encoding.UTF8.GetBytes(json), out var read, out _));
        Assert.Equal("""{ "n": 1234567890123456789, "x":[1.50] }""", Encoding.UTF8.GetString(read.Data.Span));
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), read.Time);
    }

    [Fact]
    public void Bytes_come_back_equal()
    {
        var sent = new CloudEvent { Id = "1", Source = "urn:d", Type = "t", DataContentType = "image/jpeg", Data = new byte[] { 0, 255, 7 }, IsBinary = true };
        Assert.True(CloudEvent.TryParse(sent.ToJson(), out var read, out _));
        Assert.Equal(sent with { Data = read.Data }, read);
        Assert.Equal(sent.Data.ToArray(), read.Data.ToArray());
    }

    [Theory]
    [InlineData("", "no valid JSON")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\"", "no valid JSON")]
    [InlineData("""{"id":"1","source":"s","type":"t"}""", "`specversion` is missing")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"s","type":"t"}""", "'0.3'")]
    [InlineData("""{"specversion":"1.0","id":"","type":7}""", "`id`, `source`, `type` missing")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"%%"}""", "base64")]
    public void A_malformed_event_is_told_what_is_wrong(string json, string problem)
    {
        Assert.False(CloudEvent.TryParse(Encoding.UTF8.GetBytes(json), out _, out var told));
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_event_keeps_the_identity_that_could_be_read()
    {
        Assert.False(CloudEvent.TryParse("""{"id":"9","source":"urn:d","specversion":"2"}"""u8.ToArray(), out var read, out _));
        Assert.Equal(("9", "urn:d"), (read.Id, read.Source));
    }

    [Fact]
    public void Equal_events_have_equal_keys_and_a_moved_boundary_does_not()
    {
        Assert.Equal(EventKey.Of("urn:a", "1"), EventKey.Of("urn:a", "1"));
        Assert.NotEqual(EventKey.Of("urn:a", "1"), EventKey.Of("urn:a1", ""));
        Assert.Equal(32, EventKey.Of("urn:a", "1").Length);
    }
}
