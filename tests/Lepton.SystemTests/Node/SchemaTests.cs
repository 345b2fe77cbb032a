using System.Text.Json;
using Lepton.Contracts.Events;
using NJsonSchema;

namespace Lepton.SystemTests.Node;

public sealed class SchemaTests
{
    [Fact]
    public async Task Whatever_a_node_publishes_holds_the_schema_of_its_type()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        await lab.CalibrateAsync();
        await lab.PostAsync("gauge", "urn:gauge:1", "sure", GaugeFiles.Reading(4, 1));
        var doubtful = await lab.PostAsync("gauge", "urn:gauge:1", "doubtful", GaugeFiles.Reading(0.1, -1));
        await lab.PublishAsync("gauge", "urn:gauge:1", "bad", """{"signals":{"wave":[1]},"values":{}}""");
        await lab.Checker.WaitAsync(doubtful.Subject, 2);
        await lab.Checker.WaitForRejectionAsync("invalidData", "bad");

        var types = new HashSet<string>();
        foreach (var text in lab.Checker.Published)
        {
            using var document = JsonDocument.Parse(text);
            var type = document.RootElement.GetProperty("type").GetString()!;
            types.Add(type);
            Assert.Empty((await Schema(type)).Validate(text));
        }

        Assert.Equal([EventTypes.Rejection, EventTypes.Result], types.Order());
    }

    [Fact]
    public async Task Whatever_the_sources_send_holds_the_schema_of_an_event()
    {
        var sent = new CloudEvent { Id = "1", Source = "urn:gauge:1", Type = EventTypes.Event, Time = DateTimeOffset.UtcNow, Data = System.Text.Encoding.UTF8.GetBytes(GaugeFiles.Reading(1, 1)) };
        Assert.Empty((await Schema(EventTypes.Event)).Validate(System.Text.Encoding.UTF8.GetString(sent.ToJson())));
        var picture = sent with { DataContentType = "image/jpeg", Data = new byte[] { 255, 216, 255 }, IsBinary = true };
        Assert.Empty((await Schema(EventTypes.Event)).Validate(System.Text.Encoding.UTF8.GetString(picture.ToJson())));
    }

    private static Task<JsonSchema> Schema(string type) =>
        JsonSchema.FromFileAsync(Path.Combine(Lab.Repository(), "workflows", "Lepton.Contracts", "Schemas", type["dev.lepton.".Length..] + ".schema.json"));
}
