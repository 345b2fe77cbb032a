using System.Text;
using System.Text.RegularExpressions;
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

    [Fact]
    public async Task What_was_decided_stays_decided_when_it_comes_again_beside_what_is_new()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        await lab.CalibrateAsync();
        var first = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(3, 1));
        var timely = await lab.PostAsync("gauge", Event("2", -3, DateTimeOffset.UtcNow.AddSeconds(1)));
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);

        // The first one with other data, the second after its deadline, and one that nobody has seen.
        var entries = new[] { Event("1", -3), Event("2", -3, DateTimeOffset.UtcNow.AddSeconds(-1)), Event("3", 3) };
        var body = $$"""{"id":"b","topic":"t","entries":[{{string.Join(',', entries.Select((sent, i) => $$"""{"entryId":"e{{i}}","event":{{Encoding.UTF8.GetString(sent.ToJson())}}}"""))}}]}""";
        using var answer = await lab.Edge.PostAsync("deliveries/gauge", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(3, Regex.Count(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), "SUCCESS"));

        await lab.Checker.WaitAsync(Subject("urn:gauge:1", "3"), 1);
        Assert.Equal(first.DecidedAt, (await lab.Checker.WaitAsync(first.Subject, 1)).DecidedAt);
        Assert.Equal(timely.DecidedAt, (await lab.Checker.WaitAsync(timely.Subject, 1)).DecidedAt);
        Assert.All(lab.Checker.Results.Where(result => result.Subject == first.Subject), result => Assert.Equal("high", result.Answer!.Label));
        var twin = await lab.ReadAsync("v1/twins/urn:gauge:1");
        Assert.Equal(3, twin.GetProperty("pipelines").GetProperty("gauge").GetProperty("events").GetInt64());
    }

    private static CloudEvent Event(string id, double x, DateTimeOffset? deadline = null) =>
        new() { Id = id, Source = "urn:gauge:1", Type = "dev.lepton.event.v1", Deadline = deadline, Data = Encoding.UTF8.GetBytes(GaugeFiles.Reading(x, Math.Sign(x))) };
}
