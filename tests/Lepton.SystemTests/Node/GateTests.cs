using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Lepton.Cli;
using Lepton.Cli.Gates;

namespace Lepton.SystemTests.Node;

public sealed class GateTests
{
    private static readonly string[] Durable = ["phase", "n", "errors", "m", "tau", "epoch", "breaker", "calibration", "reference", "version", "counts"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gate_starts_cold_opens_with_its_labels_and_is_the_same_after_the_node_and_the_runtime_started_anew()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        var cold = await lab.ReadAsync("v1/gates/gauge");
        Assert.Equal(("coldStart", 0, "not yet (9 labels missing)"), (Text(cold, "phase"), Number(cold, "n"), Text(cold, "guarantee")));
        Assert.False(cold.TryGetProperty("tau", out _));
        await lab.CalibrateAsync();
        Assert.Equal(["coldStart"], lab.Checker.Results.First(result => result.Revision == 1).Reasons);

        var open = await lab.ReadAsync("v1/gates/gauge");
        Assert.Equal(("open", 9, 1, 1, "held"), (Text(open, "phase"), Number(open, "n"), Number(open, "errors"), Number(open, "m"), Text(open, "guarantee")));
        Assert.InRange(open.GetProperty("tau").GetDouble(), 0.537, 0.539);
        var accepted = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(2, 1));
        Assert.Equal(("accept", "final", "open"), (accepted.Decision, accepted.Status, accepted.Gate!.Phase));
        Assert.Equal(open.GetProperty("tau").GetDouble(), accepted.Gate.Threshold!.Value);
        Assert.True(accepted.Gate.Doubt < accepted.Gate.Threshold && accepted.Gate is { Propensity: 0, MayTrain: true, Epoch: 0 }, accepted.Gate.ToString());
        Assert.Equal(["uncertain"], (await lab.PostAsync("gauge", "urn:gauge:1", "2", GaugeFiles.Reading(0.1, 1))).Reasons);
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/gauge")).GetProperty("endings").GetInt64() == 10, "the last verdict was fed back");

        var before = await KnownAsync(lab);
        await lab.StopNodeAsync("edge");
        await lab.StopRuntimeAsync();
        await lab.StartRuntimeAsync();
        await lab.StartNodeAsync("edge");
        string after = "";
        await Lab.UntilAsync(async () => (after = await KnownAsync(lab)).Length > 0, "the gate can be read again");
        Assert.Equal(before, after);
        Assert.Equal("accept", (await lab.PostAsync("gauge", "urn:gauge:1", "3", GaugeFiles.Reading(2, 1))).Decision);
    }

    [Fact]
    public async Task Replicas_take_over_what_one_of_them_has_learned()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        using var replica = await lab.StartReplicaAsync();
        Assert.Equal(["coldStart"], (await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(2, 1), replica)).Reasons);
        await lab.CalibrateAsync();

        // Nobody asks this replica for its gate, which would refresh it: it has to hear of the news by itself.
        var next = 2;
        await Lab.UntilAsync(async () => (await lab.PostAsync("gauge", "urn:gauge:1", next++.ToString(), GaugeFiles.Reading(2, 1), replica)).Decision == "accept", "the replica accepts what the other has calibrated");
        var own = JsonDocument.Parse(await replica.GetStringAsync(new Uri("v1/gates/gauge", UriKind.Relative), Stop)).RootElement;
        var other = await lab.ReadAsync("v1/gates/gauge");
        Assert.Equal(other.GetProperty("tau").GetDouble(), own.GetProperty("tau").GetDouble());
    }

    [Fact]
    public async Task An_audited_answer_stands_at_once_feeds_the_gate_and_is_corrected_when_it_was_wrong()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources, shadow: "1"));
        await lab.CalibrateAsync();
        var right = await lab.PostAsync("gauge", "urn:gauge:1", "right", GaugeFiles.Reading(3, 1));
        var wrong = await lab.PostAsync("gauge", "urn:gauge:1", "wrong", GaugeFiles.Reading(3, -1));
        Assert.All([right, wrong], first => Assert.Equal(("accept", "final", "high", 1.0, false), (first.Decision, first.Status, first.Answer!.Label, first.Gate!.Propensity, first.Gate.MayTrain)));
        Assert.Equal(["shadow", "confident"], right.Reasons);

        var second = await lab.Checker.WaitAsync(wrong.Subject, 2);
        Assert.Equal(["corrected", "shadow", "confident"], second.Reasons);
        Assert.Equal(("low", "cloud", wrong.Id), (second.Answer!.Label, second.Answer.Tier, second.Supersedes));
        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/gauge")).GetProperty("counts").GetProperty("audited").GetInt64() == 2, "both labels were fed back");
        var gate = await lab.ReadAsync("v1/gates/gauge");
        Assert.Equal((11, 2, 1, 2, 1), (Number(gate, "n"), Number(gate, "errors"), Number(gate.GetProperty("counts"), "auditedWrong"), Number(gate, "shadow"), Number(gate, "losses")));

        // The right one's verdict is kept, with its propensity, but nobody was told of a correction that corrects nothing.
        var kept = await lab.ReadAsync("v1/results/" + right.Subject);
        Assert.Equal((2, 1.0), (Number(kept, "revision"), kept.GetProperty("gate").GetProperty("propensity").GetDouble()));
        Assert.Equal("confirmed", kept.GetProperty("reasons")[0].GetString());
        await lab.PublishAsync("gauge", "urn:gauge:1", "right", GaugeFiles.Reading(3, 1));
        await Lab.UntilAsync(() => Task.FromResult(lab.Checker.Results.Count(result => result.Id == right.Id) == 2), "the redelivered event was published again");
        Assert.DoesNotContain(lab.Checker.Results, result => result.Subject == right.Subject && result.Revision == 2);
    }

    [Fact]
    public async Task Budget_and_privacy_keep_events_here_and_say_so()
    {
        const string Nothing = "budget: {rate: 1, burst: 1}";
        await using var lab = await Lab.StartAsync(resources =>
        {
            GaugeFiles.Write(resources, more: "parkFor: 2s, " + Nothing);
            GaugeFiles.Write(resources, name: "strict", provisional: "false", more: "parkFor: 0, rejectWhenUnsure: true, " + Nothing);
            GaugeFiles.Write(resources, name: "private", more: "parkFor: 1h }\n  privacy: local-only # {");
        });
        var parked = await lab.PostAsync("gauge", "urn:gauge:1", "1", GaugeFiles.Reading(3, 1));
        Assert.Equal(("provisionalAndEscalate", "provisional"), (parked.Decision, parked.Status));
        Assert.Equal(["coldStart", "budgetDenied"], parked.Reasons);
        var strict = await lab.PostAsync("strict", "urn:gauge:1", "1", GaugeFiles.Reading(3, 1));
        Assert.Equal(("reject", "final"), (strict.Decision, strict.Status));
        Assert.Equal(["coldStart", "budgetDenied", "parkTtl"], strict.Reasons);
        Assert.Null(strict.Answer);
        var secret = await lab.PostAsync("private", "urn:gauge:1", "1", GaugeFiles.Reading(3, 1));
        Assert.Equal(("accept", "high"), (secret.Decision, secret.Answer!.Label));
        Assert.Equal(["privacyLocalOnly", "coldStart"], secret.Reasons);

        var end = await lab.Checker.WaitAsync(parked.Subject, 2);
        Assert.Equal(["expired", "coldStart", "budgetDenied"], end.Reasons);
        Assert.Equal("high", end.Answer!.Label);
        Assert.Equal(0, (await lab.ReadAsync("v1/status")).GetProperty("pipelines").GetProperty("gauge").GetProperty("counts").GetProperty("uplinkBytes").GetInt64());
        await Lab.UntilAsync(async () => Number(await lab.ReadAsync("v1/gates/gauge"), "n") == 1, "the verdict that never came counts as a label");
        var gate = await lab.ReadAsync("v1/gates/gauge");
        Assert.Equal(1, Number(gate, "errors"));
        Assert.InRange(gate.GetProperty("budget").GetProperty("bytes").GetDouble(), 0, 1);
    }

    [Fact]
    public async Task Feedback_that_is_delivered_again_changes_nothing()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources));
        var calibration = Text(await lab.ReadAsync("v1/gates/gauge"), "calibration");
        using var http = new HttpClient { BaseAddress = lab.SidecarOf("lepton-edge") };
        foreach (var key in new[] { "0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef", "ff23456789abcdef0123456789abcdef" })
        {
            var label = new { Event = 7UL + (ulong)key[0], At = 5, Epoch = 0, Designation = 3, Doubt = 0.5f, Predicted = 0, Reference = 1, Accepted = false, Denied = 0, CriticalScore = 0f };
            using var answer = await http.PutAsJsonAsync("actors/Gate-lepton-edge/gauge/method/FeedBackAsync", new { key, Ending = "corrected", Audit = false, AnsweredLocally = true, calibration, label, Reference = "cloud/1" }, Stop);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NoContent, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Stop)}");
        }

        var gate = await lab.ReadAsync("v1/gates/gauge");
        Assert.Equal((2, 2, 2, "cloud/1"), (Number(gate, "n"), Number(gate, "errors"), Number(gate.GetProperty("counts"), "disagreed"), Text(gate, "reference")));
    }

    [Fact]
    public async Task The_command_shows_every_gate_and_says_where_no_node_answers()
    {
        await using var lab = await Lab.StartAsync(resources => GaugeFiles.Write(resources), cloud: false);
        using var told = new StringWriter();
        await GateStatusCommand.ShowAsync(lab.Edge.BaseAddress!, "gauge", json: true, told, Stop);
        Assert.Equal("coldStart", JsonDocument.Parse(told.ToString()).RootElement[0].GetProperty("phase").GetString());
        using var table = new StringWriter();
        await GateStatusCommand.ShowAsync(lab.Edge.BaseAddress!, null, json: false, table, Stop);
        Assert.Contains("not yet (9 labels missing)", table.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<CommandException>(() => GateStatusCommand.ShowAsync(lab.Edge.BaseAddress!, "nothing", json: true, told, Stop));
        var nobody = await Assert.ThrowsAsync<CommandException>(() => GateStatusCommand.ShowAsync(new Uri("http://127.0.0.1:1/"), null, json: true, told, Stop));
        Assert.Contains("./lepton up", nobody.Message, StringComparison.Ordinal);
    }

    /// <summary>What must survive whatever is killed.</summary>
    private static async Task<string> KnownAsync(Lab lab)
    {
        try
        {
            var gate = await lab.ReadAsync("v1/gates/gauge");
            return string.Join(' ', Durable.Select(name => gate.GetProperty(name).ToString()));
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
