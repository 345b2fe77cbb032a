using Lepton.Contracts.Events;

namespace Lepton.SystemTests.Node;

public sealed class EventsTests
{
    private static string Subject(string device, string id) => EventKey.Subject("gauge", EventKey.Of(device, id));

    [Fact]
    public async Task An_event_by_HTTP_and_one_by_topic_are_answered_and_published()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        await lab.CalibrateAsync();
        var posted = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(3, 1));
        Assert.Equal("high", posted.Answer!.Label);
        Assert.Equal(("final", "accept", 1), (posted.Status, posted.Decision, posted.Revision));
        Assert.Equal(Subject("urn:gauge:1", "1") + "/1", posted.Id);

        await lab.PublishAsync("gauge", "urn:gauge:1", "2", GaugeFiles.Reading(-3, -1));
        var published = await lab.Checker.WaitAsync(Subject("urn:gauge:1", "2"), 1);
        Assert.Equal("low", published.Answer!.Label);
        await lab.Checker.WaitAsync(posted.Subject, 1);

        var read = await lab.ReadAsync("v1/results/" + posted.Subject);
        Assert.Equal(posted.Id, read.GetProperty("id").GetString());
        var twin = await lab.ReadAsync("v1/twins/urn:gauge:1");
        Assert.Equal(2, twin.GetProperty("pipelines").GetProperty("gauge").GetProperty("events").GetInt64());
    }
}
