using Lepton.Contracts.Events;

namespace Lepton.SystemTests.Node;

public sealed class DurabilityTests
{
    [Fact]
    public async Task A_workflow_per_event_gives_the_same_results_as_the_express_lane()
    {
        var readings = new (double X, double Truth)[] { (3, 1), (0.1, -1), (-0.2, -1), (-4, 1) };
        var express = await RunAsync("escalation", readings);
        var durable = await RunAsync("event", readings);
        Assert.Equal(express, durable);
        Assert.Equal(6, express.Count);
    }

    [Fact]
    public async Task An_event_sent_twice_down_the_durable_lane_is_decided_once()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources, durability: "event"));
        var first = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(3, 1));
        var again = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(-3, 1));
        Assert.Equal((first.Id, first.DecidedAt), (again.Id, again.DecidedAt));
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/twins/urn:gauge:1")).GetProperty("pipelines").TryGetProperty("gauge", out var page) && page.GetProperty("events").GetInt64() == 1, "the twin has counted one event");
    }

    /// <summary>Everything that subscribers see, but for the moments.</summary>
    private static async Task<List<string>> RunAsync(string durability, (double X, double Truth)[] readings)
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources, durability));
        await lab.CalibrateAsync();
        var last = new List<(string Subject, int Revision)>();
        for (var i = 0; i < readings.Length; i++)
        {
            await lab.PublishAsync("gauge", "urn:gauge:1", i.ToString(), GaugeFiles.Reading(readings[i].X, readings[i].Truth));
            last.Add((EventKey.Subject("gauge", EventKey.Of("urn:gauge:1", i.ToString())), Math.Abs(readings[i].X) < 1 ? 2 : 1));
        }

        foreach (var (subject, revision) in last)
        {
            await lab.Checker.WaitAsync(subject, 1);
            await lab.Checker.WaitAsync(subject, revision);
        }

        return [.. lab.Checker.Results.Where(result => result.Device == "urn:gauge:1").Select(result => string.Join(' ', result.Id, result.Supersedes, result.Device, result.EventId, result.Status, result.Decision, string.Join(',', result.Reasons), result.Answer?.Tier, result.Answer?.Label, string.Join(',', result.Answer?.Scores ?? []))).Distinct().Order(StringComparer.Ordinal)];
    }
}
