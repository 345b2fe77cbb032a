using System.Net;
using System.Net.Http.Json;
using System.Text;
using Lepton.Contracts.Events;

namespace Lepton.SystemTests.Node;

public sealed class EscalationTests
{
    [Fact]
    public async Task A_doubtful_event_is_corrected_by_the_tier_above_and_fed_back_once()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        await lab.CalibrateAsync();
        var first = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(0.1, -1));
        Assert.Equal(("provisional", "provisionalAndEscalate", "high"), (first.Status, first.Decision, first.Answer!.Label));
        Assert.Equal(["uncertain"], first.Reasons);

        var second = await lab.Checker.WaitAsync(first.Subject, 2);
        Assert.Equal((first.Subject + "/2", first.Id, "final", "low"), (second.Id, second.Supersedes, second.Status, second.Answer!.Label));
        Assert.Equal("corrected", second.Reasons[0]);
        Assert.Equal("cloud", second.Answer.Tier);

        var confirmed = await lab.PostAsync("gauge", "urn:gauge:1", "2", GaugeFiles.Reading(0.1, 1));
        Assert.Equal("confirmed", (await lab.Checker.WaitAsync(confirmed.Subject, 2)).Reasons[0]);

        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/gauge")).GetProperty("counts").GetProperty("agreed").GetInt64() == Lab.Labels, "the gate has heard of the agreement");
        var gate = (await lab.ReadAsync("v1/gates/gauge")).GetProperty("counts");
        Assert.Equal((2, 2), (gate.GetProperty("disagreed").GetInt64(), gate.GetProperty("wronglyProvisional").GetInt64()));
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/twins/urn:gauge:1")).GetProperty("pipelines").GetProperty("gauge").GetProperty("ended").GetInt64() == 2, "the twin has heard of both");
        Assert.Equal(1, (await lab.ReadAsync("v1/twins/urn:gauge:1")).GetProperty("pipelines").GetProperty("gauge").GetProperty("corrected").GetInt64());

        // Sent again after its correction: the record answers, nothing is decided, escalated or counted a second time.
        var again = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(-5, -1));
        Assert.Equal((second.Id, second.DecidedAt), (again.Id, again.DecidedAt));
        await lab.PublishAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(-5, -1));
        await Lab.UntilAsync(() => Task.FromResult(lab.Checker.Results.Count(result => result.Id == first.Id) >= 3), "revision 1 was published again for each redelivery");
        Assert.Single(lab.Checker.Results.Select(result => (result.Id, result.DecidedAt, result.Answer!.Label)).Distinct(), each => each.Id == first.Id);
        gate = (await lab.ReadAsync("v1/gates/gauge")).GetProperty("counts");
        Assert.Equal((Lab.Labels, 2), (gate.GetProperty("agreed").GetInt64(), gate.GetProperty("disagreed").GetInt64()));
        Assert.Equal(2, (await lab.ReadAsync("v1/twins/urn:gauge:1")).GetProperty("pipelines").GetProperty("gauge").GetProperty("events").GetInt64());
        Assert.Equal(Lab.Labels + 2, (await lab.ReadAsync("v1/status")).GetProperty("pipelines").GetProperty("gauge").GetProperty("counts").GetProperty("escalated").GetInt64());
    }

    [Fact]
    public async Task Without_a_provisional_answer_the_result_waits_for_the_verdict()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources, provisional: "false"));
        var first = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(0.1, -1));
        Assert.Equal(("provisional", "escalateNow"), (first.Status, first.Decision));
        Assert.Null(first.Answer);
        Assert.Equal("low", (await lab.Checker.WaitAsync(first.Subject, 2)).Answer!.Label);
    }

    [Fact]
    public async Task While_the_tier_above_is_away_answers_go_on_and_escalations_wait()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        await lab.CalibrateAsync();
        await lab.StopNodeAsync("cloud");
        var doubtful = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(0.1, -1));
        Assert.Equal("final", (await lab.PostAsync("gauge", "urn:gauge:1", "2", GaugeFiles.Reading(4, 1))).Status);
        await lab.StopNodeAsync("edge");
        await lab.StartNodeAsync("edge");
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/status")).GetProperty("tierAbove").GetString() == "away", "the node says that the tier above is away");
        Assert.DoesNotContain(lab.Checker.Results, result => result.Revision == 2 && result.Subject == doubtful.Subject);
        await lab.StartNodeAsync("cloud");
        Assert.Equal("low", (await lab.Checker.WaitAsync(doubtful.Subject, 2)).Answer!.Label);
    }

    // Some twenty attempts: enough for the workflow to begin a new history twice.
    [Fact]
    public async Task An_escalation_that_nobody_answers_ends_at_its_deadline_with_a_reason()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources, deadline: "3s"), cloud: false, environment: new() { ["LEPTON_RETRY_TO"] = "150ms" });
        var first = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(0.1, -1));
        var second = await lab.Checker.WaitAsync(first.Subject, 2);
        Assert.Equal(("final", "high"), (second.Status, second.Answer!.Label));
        Assert.Equal("expired", second.Reasons[0]);
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/gauge")).GetProperty("counts").GetProperty("expired").GetInt64() == 1, "the gate has heard of the end");
    }

    [Fact]
    public async Task An_accepted_question_is_polled_and_an_overloaded_tier_is_left_alone()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources), cloud: false);
        await using var above = await Above.StartAsync(lab.PortOf("lepton-cloud"));
        var first = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(0.1, -1));
        var second = await lab.Checker.WaitAsync(first.Subject, 2);
        Assert.Equal("low", second.Answer!.Label);
        // Overloaded, broken, accepted, not yet, answered: one POST until it was accepted, then only polls.
        Assert.Equal(["POST 429", "POST 500", "POST 202", "GET 202", "GET 200"], above.Calls);
        Assert.Null(above.Token);
    }

    [Fact]
    public async Task A_refusal_from_above_is_final_and_says_why()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources), cloud: false, environment: new() { ["LEPTON_UP_TOKEN"] = "secret" });
        await using var above = await Above.StartAsync(lab.PortOf("lepton-cloud"), refuses: true);
        var first = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(0.1, -1));
        var second = await lab.Checker.WaitAsync(first.Subject, 2);
        Assert.Equal(("final", "refused", "the wave is too flat"), (second.Status, second.Reasons[0], second.Detail));
        Assert.Equal("high", second.Answer!.Label);
        Assert.Equal("Bearer secret", above.Token);
    }

    [Fact]
    public async Task The_same_question_gets_the_same_verdict_byte_for_byte()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        var question = Question("gauge", GaugeFiles.Reading(0.1, -1));
        var first = await AskAsync(lab, question);
        var second = await AskAsync(lab, question with { Data = Encoding.UTF8.GetBytes(GaugeFiles.Reading(9, 9)) });
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Body, await lab.Cloud.GetStringAsync(new Uri("v1/escalations/" + question.Id, UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_question_that_cannot_be_answered_is_refused_with_its_cure()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources), environment: new() { ["LEPTON_ESCALATION_TOKEN"] = "secret" });
        var stranger = await AskAsync(lab, Question("gauge", "{}"));
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.Status);
        Assert.Contains("LEPTON_UP_TOKEN", stranger.Body, StringComparison.Ordinal);
        lab.Cloud.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await AskAsync(lab, Question("gauge", """{"signals":{"wave":[1]}}"""))).Status);
        var unknown = await AskAsync(lab, Question("nothing", "{}"));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Contains("'nothing'", unknown.Body, StringComparison.Ordinal);
    }

    private static EscalationRequest Question(string pipeline, string data) => new()
    {
        Id = EventKey.Subject(pipeline, EventKey.Of("d", "1")), Pipeline = pipeline, Device = "d", From = "test", ContentType = "application/json", Data = Encoding.UTF8.GetBytes(data), Deadline = DateTimeOffset.UtcNow.AddHours(1),
    };

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(Lab lab, EscalationRequest question)
    {
        using var answer = await lab.Cloud.PostAsJsonAsync(new Uri("v1/escalations", UriKind.Relative), question, ContractJson.Default.EscalationRequest);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
