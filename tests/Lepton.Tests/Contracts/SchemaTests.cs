using System.Text;
using System.Text.Json;
using Lepton.Contracts.Events;
using NJsonSchema;

namespace Lepton.Tests.Contracts;

public sealed class SchemaTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Result Correction = new()
    {
        Id = "ecg/0123456789abcdef0123456789abcdef/2",
        Subject = "ecg/0123456789abcdef0123456789abcdef",
        Revision = 2,
        Supersedes = "ecg/0123456789abcdef0123456789abcdef/1",
        Pipeline = "ecg",
        Device = "urn:lepton:device:ecg-100",
        EventId = "100-7",
        EventTime = Noon,
        DecidedAt = Noon,
        Status = Result.Final,
        Decision = "provisionalAndEscalate",
        Reasons = ["uncertain"],
        Answer = new Answer { Tier = "cloud", Model = "ecg-cloud/1", Label = "normal", Labels = ["normal", "abnormal"], Scores = [0.75, 0.25], Boxes = [new Box("car", 0.5, 1, 2, 3, 4)], Uncertainty = 0.5 },
    };

    [Fact]
    public async Task The_event_that_the_README_sends_holds_its_schema() =>
        Assert.Empty((await Schema("event.v1")).Validate(Repository.Repository.Read("tests/data/beat.json")));

    [Fact]
    public async Task A_result_holds_its_schema()
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(Correction, ContractJson.Default.Result);
        Assert.Empty(await Faults("result.v1", EventTypes.Result, Correction.Subject, data));
    }

    [Fact]
    public async Task A_result_without_its_subject_does_not()
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(Correction with { Subject = "" }, ContractJson.Default.Result);
        Assert.NotEmpty(await Faults("result.v1", EventTypes.Result, null, data));
    }

    [Fact]
    public async Task A_rejection_holds_its_schema()
    {
        var rejection = new Rejection { Pipeline = "ecg", Device = "", EventId = "", Reason = "malformedEvent", Message = "no JSON; send JSON", RejectedAt = Noon, Sample = [1, 2] };
        var data = JsonSerializer.SerializeToUtf8Bytes(rejection, ContractJson.Default.Rejection);
        Assert.Empty(await Faults("rejection.v1", EventTypes.Rejection, null, data));
    }

    [Theory]
    [InlineData("ecg")]
    [InlineData("street")]
    public async Task The_pipelines_of_the_repository_hold_their_schema(string name)
    {
        var schema = await Schema("pipeline.v1");
        Assert.Empty(schema.Validate(Json(Repository.Repository.Read($"workflows/pipelines/{name}.yaml"))));
        Assert.NotEmpty(schema.Validate(Json(Repository.Repository.Read($"workflows/pipelines/{name}.yaml").Replace("alpha:", "threshold:", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task The_schema_knows_every_member_of_the_gate_that_the_reader_knows()
    {
        var schema = await Schema("pipeline.v1");
        foreach (var (part, others) in new[] { ("gate", "known here: "), ("escalate", "known here: ") })
        {
            var faults = new List<Lepton.Contracts.Resources.Fault>();
            Lepton.Contracts.Resources.PipelineReader.Read("p.yaml", $"apiVersion: lepton.dev/v1\nkind: Pipeline\nmetadata: {{name: p}}\nspec:\n  {part}: {{somethingUnheardOf: 1}}\n", faults);
            var known = faults.Single(fault => fault.Problem.Contains("somethingUnheardOf", StringComparison.Ordinal)).Cure[others.Length..].Split(", ");
            Assert.Equal(known.Order(StringComparer.Ordinal), schema.Definitions[part].Properties.Keys.Order(StringComparer.Ordinal));
        }
    }

    private static string Json(string yaml) => new YamlDotNet.Serialization.SerializerBuilder().JsonCompatible().Build().Serialize(
        new YamlDotNet.Serialization.DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml));

    [Fact]
    public async Task Every_event_type_has_a_schema()
    {
        foreach (var type in new[] { EventTypes.Event, EventTypes.Result, EventTypes.Rejection })
        {
            var schema = await Schema(type["dev.lepton.".Length..]);
            Assert.Equal(type, schema.Properties["type"].ExtensionData!["const"]);
        }
    }

    private static async Task<IEnumerable<string>> Faults(string schema, string type, string? subject, byte[] data)
    {
        var sent = new CloudEvent { Id = "1", Source = "lepton-edge", Type = type, Subject = subject, Time = Noon, Data = data };
        return (await Schema(schema)).Validate(Encoding.UTF8.GetString(sent.ToJson())).Select(fault => fault.ToString());
    }

    private static Task<JsonSchema> Schema(string name) =>
        JsonSchema.FromJsonAsync(Repository.Repository.Read($"workflows/Lepton.Contracts/Schemas/{name}.schema.json"));
}
