using System.Text;
using Lepton.Node.Api;

namespace Lepton.SystemTests.Node;

public class BulkDeliveryTests
{
    [Fact]
    public void Events_are_cut_out_of_the_envelope_whatever_they_hold()
    {
        string[] events =
        [
            "{}",
            """{"data":{"a":[1,{"b":"}]\"{["}],"\\":"\\\\"},"id":"\"}"}""",
            """{"data" : [ [ ], { } ] }""",
            // No JSON within, and still one event among others.
            """{"data":{nonsense, 01}}""",
        ];
        var entries = events.Select((sent, i) => $$"""{ "entryId" : "e{{i}}", "contentType":"x", "event" : {{sent}} , "metadata":{"a":"b"} }""");
        var delivery = BulkDelivery.Read(Encoding.UTF8.GetBytes($$"""{"id":"b","entries":[{{string.Join(',', entries)}},{"event":"aGk=","entryId":"raw"}],"topic":"t"}"""));

        Assert.True(delivery.IsBulk);
        Assert.Equal(["e0", "e1", "e2", "e3", "raw"], delivery.Entries.Select(entry => entry.EntryId));
        Assert.Equal([.. events, "\"aGk=\""], delivery.Entries.Select(entry => Encoding.UTF8.GetString(entry.Event.Span)));
    }

    [Theory]
    [InlineData("""{"entries":[{"entryId":"1","event":{"a":"b}""")]
    [InlineData("""{"entries":[{"entryId":"1","event":{"a":{}}""")]
    [InlineData("""{"entries":[{"entryId":"1","event":{} "x"}]}""")]
    [InlineData("""{"entries":[{"entryId":"1","event":{"a":[}}]}""")]
    [InlineData("""{"entries":[{"entryId":"1","event":{"\""")]
    [InlineData("""{"data":{"entries":[]}}""")]
    [InlineData("")]
    public void What_is_no_envelope_is_one_event_for_admission_to_refuse(string body)
    {
        var delivery = BulkDelivery.Read(Encoding.UTF8.GetBytes(body));
        Assert.False(delivery.IsBulk);
        Assert.Equal(body, Encoding.UTF8.GetString(Assert.Single(delivery.Entries).Event.Span));
    }
}
