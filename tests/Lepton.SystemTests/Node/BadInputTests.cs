using System.Net;
using System.Text;
using Lepton.Contracts.Events;
using Lepton.Workflows.Pipelines;

namespace Lepton.SystemTests.Node;

public sealed class BadInputTests
{
    [Fact]
    public async Task Bad_events_of_a_topic_end_as_dead_letters_with_their_reason_and_the_node_goes_on()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources), cloud: false);
        await lab.PublishAsync("gauge", Encoding.UTF8.GetBytes("""{"id":"only"}"""), "application/cloudevents+json");
        await lab.PublishAsync("gauge", "hello"u8.ToArray(), "text/plain");
        await lab.PublishAsync("gauge", "urn:gauge:1", "short", """{"signals":{"wave":[1]},"values":{"x":1,"truth":1,"at":1}}""");
        await lab.PublishAsync("gauge", "urn:gauge:1", "late", GaugeFiles.Reading(3, 1));
        await lab.PublishAsync("gauge", new CloudEvent { Id = "expired", Source = "urn:gauge:1", Type = EventTypes.Event, Deadline = DateTimeOffset.UtcNow.AddMinutes(-1), Data = Encoding.UTF8.GetBytes(GaugeFiles.Reading(3, 1)) }.ToJson());
        await lab.PublishAsync("gauge", new CloudEvent { Id = "huge", Source = "urn:gauge:1", Type = EventTypes.Event, IsBinary = true, DataContentType = "application/octet-stream", Data = new byte[20 << 20] }.ToJson());

        Assert.Contains("wave", (await lab.Checker.WaitForRejectionAsync("invalidData", "short")).Message, StringComparison.Ordinal);
        await lab.Checker.WaitForRejectionAsync("wrongContentType");
        Assert.Equal("expired", (await lab.Checker.WaitForRejectionAsync("deadlineExpired")).EventId);
        await lab.Checker.WaitForRejectionAsync("tooLarge");
        await lab.Checker.WaitAsync(EventKey.Subject("gauge", EventKey.Of("urn:gauge:1", "late")), 1);
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/status")).GetProperty("pipelines").GetProperty("gauge").GetProperty("counts").GetProperty("deadLettered").GetInt64() == 5, "all five are counted once, so none was delivered again");
    }

    [Theory]
    [InlineData("nothing", "application/json", "{}", HttpStatusCode.NotFound, "gauge")]
    [InlineData("gauge", "", "{}", HttpStatusCode.UnsupportedMediaType, "Content-Type")]
    [InlineData("gauge", "text/plain", "hello", HttpStatusCode.UnsupportedMediaType, "application/json")]
    [InlineData("gauge", "application/cloudevents-batch+json", "[]", HttpStatusCode.UnsupportedMediaType, "one event at a time")]
    [InlineData("gauge", "application/cloudevents+json", "{}", HttpStatusCode.BadRequest, "specversion")]
    [InlineData("gauge", "application/json", """{"signals":{"wave":[1,2,3,NaN]}}""", HttpStatusCode.BadRequest, "NaN")]
    [InlineData("gauge", "application/json", "", HttpStatusCode.BadRequest, "empty")]
    [InlineData("gauge", "application/json", "50 MB", HttpStatusCode.RequestEntityTooLarge, "maxBytes")]
    public async Task A_caller_is_told_what_is_wrong_and_what_to_do(string pipeline, string type, string body, HttpStatusCode status, string named)
    {
        var lab = await Shared.Value;
        using var content = new ByteArrayContent(body == "50 MB" ? new byte[50 << 20] : Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = type.Length == 0 ? null : new(type);
        using var answer = await lab.Edge.PostAsync(new Uri("v1/events/" + pipeline, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(named, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image/jpeg", "")]
    [InlineData("image/jpeg", "FFD8FFE000104A464946")]
    [InlineData("image/png", "89504E470D0A1A0A0000000D49484452000000100000001008020000009091683600")]
    [InlineData("image/png", "00010203")]
    public async Task A_broken_image_is_told_and_the_node_goes_on(string type, string bytes)
    {
        var lab = await Shared.Value;
        using var content = new ByteArrayContent(Convert.FromHexString(bytes));
        content.Headers.ContentType = new(type);
        using var answer = await lab.Edge.PostAsync(new Uri("v1/events/street", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Contains("image", text, StringComparison.Ordinal);
        Assert.Equal("high", (await lab.PostAsync("gauge", "urn:gauge:1", type + bytes, GaugeFiles.Reading(3, 1))).Answer!.Label);
    }

    /// <summary>One lab for all cases that leave no trace; it lives as long as the test process.</summary>
    private static readonly Lazy<Task<Lab>> Shared = new(() => Lab.StartAsync(
        resources =>
        {
            GaugeFiles.Write(resources);
            Lab.CopyPipeline("street", resources);
        },
        cloud: false));

    [Fact]
    public void Every_fault_of_every_pipeline_is_listed_and_the_good_ones_serve()
    {
        var resources = Directory.CreateTempSubdirectory("lepton-faults-").FullName;
        GaugeFiles.Write(resources);
        GaugeFiles.Write(resources, name: "second");
        File.WriteAllText(Path.Combine(resources, "pipelines", "bad.yaml"), """
            apiVersion: lepton.dev/v1
            kind: Pipeline
            metadata: {name: Bad Name}
            spec:
              source: {kind: series, signals: {wave: -1}}
              tiers: {edge: {model: none/1}, cloud: {model: none/1}}
              gate: {score: luck, alpha: 7}
              escalate: {deadline: soon}
            """);
        var book = PipelineBook.Load(resources, null, "edge");
        Assert.Equal(["gauge", "second"], book.Names);
        Assert.Equal(5, book.Faults.Count);
        Assert.All(book.Faults, fault => Assert.True(fault.File.EndsWith("bad.yaml", StringComparison.Ordinal) && fault.Line > 0 && fault.Cure.Length > 0, fault.ToString()));

        File.WriteAllBytes(Path.Combine(resources, "models", "gauge-edge", "1", "model.onnx"), [1, 2, 3]);
        var corrupt = PipelineBook.Load(resources, null, "edge");
        Assert.Empty(corrupt.Names);
        Assert.Contains(corrupt.Faults, fault => fault.File.EndsWith("model.onnx", StringComparison.Ordinal) && fault.Problem.Contains("SHA-256", StringComparison.Ordinal));
        Directory.Delete(resources, recursive: true);
    }
}
