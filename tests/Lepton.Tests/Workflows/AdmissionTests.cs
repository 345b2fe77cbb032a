using System.Text;
using Lepton.Contracts.Resources;
using Lepton.Workflows.Admission;

namespace Lepton.Tests.Workflows;

public sealed class AdmissionTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    private static readonly Pipeline Series = Read("source: {kind: series, maxBytes: 1Ki, signals: {lead: 3}, values: [at]}");

    private static readonly Pipeline Image = Read("source: {kind: image, maxBytes: 64Ki}");

    private const string Good = """{"signals":{"lead":[1,2,3]},"values":{"at":0.5}}""";

    [Fact]
    public void A_good_event_is_admitted_with_ids_from_its_key()
    {
        var admitted = AdmissionDesk.Admit(Series, Encoding.UTF8.GetBytes(Event(Good)), Now).Event!;
        Assert.Equal("p/" + admitted.Key, admitted.Subject);
        Assert.Equal("urn:device", admitted.Device);
        Assert.Equal([1f, 2f, 3f], admitted.Input.Series!.Signals[0]);
    }

    [Theory]
    [InlineData("no json at all", "malformedEvent")]
    [InlineData("[]", "malformedEvent")]
    [InlineData("", "malformedEvent")]
    [InlineData("""{"specversion":"1.0","type":"t","id":"7","data":{}}""", "malformedEvent")]
    [InlineData("""{"specversion":"0.3","type":"t","id":"7","source":"s","data":{}}""", "malformedEvent")]
    [InlineData("""{"specversion":"1.0","type":"t","id":"7","source":"s","data_base64":"%%"}""", "malformedEvent")]
    public void What_is_no_CloudEvent_is_rejected(string body, string reason) => Rejected(Series, body, reason);

    [Theory]
    [InlineData("""{"signals":{"lead":[1,2]},"values":{"at":0.5}}""", "lead")]
    [InlineData("""{"signals":{"lead":[1,2,3,4]},"values":{"at":0.5}}""", "lead")]
    [InlineData("""{"signals":{"lead":[1,2,null]},"values":{"at":0.5}}""", "lead")]
    [InlineData("""{"signals":{"lead":[1,2,"NaN"]},"values":{"at":0.5}}""", "lead")]
    [InlineData("""{"signals":{"lead":[1,2,1e999]},"values":{"at":0.5}}""", "lead")]
    [InlineData("""{"signals":{},"values":{"at":0.5}}""", "lead")]
    [InlineData("""{"signals":{"lead":[1,2,3]}}""", "at")]
    [InlineData("\"text\"", "JSON object")]
    public void A_series_that_does_not_fit_is_rejected_by_name(string data, string named)
    {
        var rejection = Rejected(Series, Event(data), "invalidData");
        Assert.Contains(named, rejection.Message, StringComparison.Ordinal);
        Assert.Contains("'p'", rejection.Message, StringComparison.Ordinal);
        Assert.Equal("7", rejection.EventId);
        Assert.Equal("urn:device", rejection.Device);
    }

    [Fact]
    public void NaN_in_JSON_is_malformed() => Rejected(Series, Event("""{"signals":{"lead":[1,2,NaN]},"values":{"at":0.5}}"""), "malformedEvent");

    [Fact]
    public void A_wrong_content_type_is_rejected() => Rejected(Series, Event("\"a\"", "text/plain"), "wrongContentType");

    [Fact]
    public void An_image_pipeline_takes_no_series() => Rejected(Image, Event(Good), "wrongContentType");

    [Fact]
    public void An_empty_image_is_rejected() =>
        Rejected(Image, """{"specversion":"1.0","type":"t","id":"7","source":"urn:device","datacontenttype":"image/jpeg","data_base64":""}""", "invalidData");

    [Fact]
    public void A_payload_beyond_the_limit_is_rejected()
    {
        Rejected(Series, Event($$"""{"signals":{"lead":[1,2,3]},"values":{"at":0.5},"more":"{{new string('x', 2000)}}"}"""), "tooLarge");
        Rejected(Series, Event($$"""{"more":"{{new string('x', 50 << 20)}}"}"""), "tooLarge");
    }

    [Fact]
    public void Ids_without_end_are_rejected_and_shortened() =>
        Assert.Equal(512, Rejected(Series, Event(Good).Replace("urn:device", new string('d', 5000), StringComparison.Ordinal), "malformedEvent").Device.Length);

    [Fact]
    public void A_deadline_that_passed_is_told()
    {
        var admitted = AdmissionDesk.Admit(Series, Encoding.UTF8.GetBytes(Event(Good).Replace("\"id\"", "\"deadline\":\"2026-05-04T03:02:00Z\",\"id\"", StringComparison.Ordinal)), Now).Event!;
        Assert.Equal("deadlineExpired", AdmissionDesk.Expired(Series, admitted, Now)!.Reason);
        Assert.Null(AdmissionDesk.Expired(Series, admitted, Now.AddSeconds(-2)));
    }

    [Fact]
    public void A_rejection_shows_the_first_kilobyte_of_what_came() =>
        Assert.Equal(1024, Rejected(Series, new string('x', 3000), "malformedEvent").Sample!.Length);

    private static Lepton.Contracts.Events.Rejection Rejected(Pipeline pipeline, string body, string reason)
    {
        var rejection = AdmissionDesk.Admit(pipeline, Encoding.UTF8.GetBytes(body), Now).Rejection;
        Assert.NotNull(rejection);
        Assert.Equal(reason, rejection.Reason);
        Assert.NotEmpty(rejection.Message);
        return rejection;
    }

    private static string Event(string data, string type = "application/json") =>
        $$$"""{"specversion":"1.0","id":"7","source":"urn:device","type":"dev.lepton.event.v1","datacontenttype":"{{{type}}}","data":{{{data}}} }""";

    private static Pipeline Read(string source)
    {
        var faults = new List<Fault>();
        var text = $$"""
            apiVersion: lepton.dev/v1
            kind: Pipeline
            metadata: {name: p}
            spec:
              {{source}}
              tiers: {edge: {model: e/1}, cloud: {model: c/1} }
            """;
        var pipeline = PipelineReader.Read("p.yaml", text, faults);
        Assert.Empty(faults);
        return pipeline[0];
    }
}
