using System.Text;
using System.Text.Json;
using Lepton.Cli.Checking;
using Lepton.Contracts.Events;

namespace Lepton.Tests.Cli;

public sealed class DeliveryTests
{
    [Fact]
    public void Results_rejections_and_bare_dead_letters_are_told_apart()
    {
        var result = JsonSerializer.Serialize(Events.Answer("1", "normal"), ContractJson.Default.Result);
        var rejection = JsonSerializer.Serialize(
            new Rejection { Pipeline = "beats", Device = Events.Device, EventId = "2", Reason = "signal", Message = "too short", RejectedAt = Events.Start }, ContractJson.Default.Rejection);
        var entries = Read($$$$"""
            {"entries": [
              {"entryId": "a", "event": {"specversion": "1.0", "id": "1", "source": "lepton-edge", "type": "dev.lepton.result.v1", "data": {{{{result}}}} }},
              {"entryId": "b", "event": {"specversion": "1.0", "id": "2", "source": "lepton-edge", "type": "dev.lepton.rejection.v1", "data": {{{{rejection}}}} }},
              {"entryId": "c", "event": {"specversion": "1.0", "id": "3", "source": "{{{{Events.Device}}}}", "type": "dev.lepton.event.v1", "data": {}}},
              {"entryId": "d", "event": {"specversion": "1.0", "id": "4", "source": "x", "type": "dev.lepton.result.v1", "data": {"id": 5}}}
            ]}
            """);
        Assert.Equal(["a", "b", "c", "d"], entries.Select(entry => entry.EntryId));
        Assert.Equal([SightingKind.Result, SightingKind.Rejection, SightingKind.DeadLetter, null], entries.Select(entry => entry.Sighting?.Kind));
        Assert.Equal(EventKey.Of(Events.Device, "3"), entries[2].Sighting!.Key);
    }

    private static IReadOnlyList<(string EntryId, Sighting? Sighting, Result? Result)> Read(string body)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(body));
        return Delivery.Read(json, "lepton.events.beats.dlq", Events.Start);
    }
}
