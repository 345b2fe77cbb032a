using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lepton.SystemTests.Cli;

[Collection(nameof(UpTests))]
public sealed class UpTests
{
    private static readonly string[] OnlyStreet = ["--only", "street", "--rate", "10/s"];

    [Fact]
    public async Task A_short_run_loses_nothing_doubles_nothing_and_corrects()
    {
        await using var up = UpRun.Prepare().Start(["--for", "6s", "--output", "json", .. OnlyStreet]);
        var (exitCode, summary) = await up.EndAsync();
        Assert.True(exitCode == 0, $"exit code {exitCode}: {up.Errors}");
        var street = summary!["pipelines"]!["street"]!.AsObject();
        Assert.True((bool)summary["drained"]!);
        Assert.Equal((0, 0, 0), ((long)street["lost"]!, (long)street["duplicated"]!, (long)street["pending"]!));
        Assert.InRange((long)street["corrected"]!, 1, (long)street["events"]!);
        Assert.Equal((long)street["events"]!, (long)street["answered"]! + (long)street["escalated"]!);
        Assert.InRange((long)street["uplink"]!["bytes"]!, 1, (long)street["uplink"]!["bytesIfAll"]!);
        Assert.True((double)street["accuracy"]!["final"]! > (double)street["accuracy"]!["edgeOnly"]!, street["accuracy"]!.ToJsonString());
        Assert.Equal(["edgeOnly", "final"], street["specificity"]!.AsObject().Select(member => member.Key));
        Assert.NotNull(street["latencyMs"]!["p99"]);
    }

    [Fact]
    public async Task Whatever_is_killed_and_cut_nothing_is_lost_or_applied_twice()
    {
        await using var up = UpRun.Prepare().Start(["--output", "json", "--failed-delivery", "as-daprd", .. OnlyStreet]);
        // The gate opens after 87 labels; local answers begin then.
        await up.UntilAsync(state => UpRun.Figure(state, "corrected") > 2 && UpRun.Figure(state, "answered") > 2, "the first corrections, and the first answers that stand", 150);

        Assert.Equal(HttpStatusCode.NoContent, (await up.CutAsync(true)).StatusCode);
        await up.UntilAsync(state => (bool)state["uplinkCut"]!, "the uplink is cut");
        var before = (await up.StateAsync())!;
        using var intruder = await up.PublishInCloudAsync("lepton.results.v1", new { Pipeline = "intruder" });
        Assert.True(intruder.IsSuccessStatusCode);
        // Verdicts that had come before the cut are still being published.
        var (corrected, since) = (-1L, Stopwatch.GetTimestamp());
        await up.UntilAsync(
            state =>
            {
                if (UpRun.Figure(state, "corrected") is var now && now != corrected)
                {
                    (corrected, since, before) = (now, Stopwatch.GetTimestamp(), state);
                }

                return Stopwatch.GetElapsedTime(since).TotalSeconds > 3 && UpRun.Figure(state, "answered") > UpRun.Figure(before, "answered") && UpRun.Figure(state, "pending") > 3;
            },
            "corrections stop while the uplink is cut, local answers go on and escalations wait");
        var cut = (await up.StateAsync())!;
        await up.CutAsync(false);
        await up.UntilAsync(state => UpRun.Figure(state, "corrected") > UpRun.Figure(cut, "corrected") + 3, "waiting escalations are corrected after the cut");

        Assert.InRange(await up.ResidentMegabytesAsync("runtime"), 40, 150);

        // The runtime before the edge: what the gate knows then is what a node that remembers nothing reads from a store that was not closed.
        var learned = await up.GateAsync("street");
        foreach (var app in (string[])["lepton-cloud", "runtime", "lepton-edge", "lepton-devices", "lepton-checker"])
        {
            await up.KillAsync(app);
            if (app == "lepton-edge")
            {
                AssertKept(learned, await up.GateAsync("street"));
            }

            var killed = UpRun.Figure((await up.StateAsync())!, "answered");
            await up.UntilAsync(state => UpRun.Figure(state, "answered") > killed, $"answers go on after {app} was killed");
        }

        up.Interrupt();
        var (exitCode, summary) = await up.EndAsync(120);
        Assert.True(exitCode == 0, $"exit code {exitCode}: {up.Errors} {summary}");
        var street = summary!["pipelines"]!["street"]!.AsObject();
        Assert.True((long)street["lost"]! == 0 && (long)street["duplicated"]! == 0 && (long)street["pending"]! == 0, summary.ToJsonString());
        Assert.Equal(["street"], summary["pipelines"]!.AsObject().Select(pipeline => pipeline.Key));
        Assert.All(summary["apps"]!.AsArray(), app => Assert.Equal(1, (int)app!["restarts"]!));
    }

    [Fact]
    public async Task A_killed_up_leaves_no_children_and_its_page_works_until_then()
    {
        await using var up = UpRun.Prepare().Start(OnlyStreet);
        await up.UntilAsync(state => UpRun.Figure(state, "corrected") > 0, "the first correction");
        await PageInChromium.TryAsync(up);

        var pids = (await up.StateAsync())!["apps"]!.AsArray().Select(app => (int)app!["pid"]!).ToList();
        Assert.Equal(5, pids.Count);
        up.Process.Kill();
        for (var since = Stopwatch.GetTimestamp(); pids.Exists(Lives); await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            Assert.True(Stopwatch.GetElapsedTime(since).TotalSeconds < 20, $"still alive 20 s after `up` was killed: {string.Join(", ", pids.Where(Lives))}");
        }
    }

    [Fact]
    public async Task A_second_up_in_the_same_folder_is_told_of_the_first()
    {
        await using var up = UpRun.Prepare();
        Directory.CreateDirectory(Path.Combine(up.Folder, ".lepton"));
        using var first = new FileStream(Path.Combine(up.Folder, ".lepton", "up.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(1, (await up.Start("--for", "5s").EndAsync()).ExitCode);
        Assert.Contains("another `lepton up` runs with the same local state", up.Errors, StringComparison.Ordinal);
    }

    /// <summary>Everything learned is still there, and no less; the street goes on meanwhile, so that labels may have been added, and even an alarm.</summary>
    private static void AssertKept(JsonElement before, JsonElement after)
    {
        var both = $"before: {before}; after: {after}";
        long Then(string name) => before.GetProperty(name).GetInt64();
        long Now(string name) => after.GetProperty(name).GetInt64();

        // What has no value is not there: no tau where every doubt is accepted.
        bool Same(string name) => before.TryGetProperty(name, out var then) == after.TryGetProperty(name, out var now) && then.ToString() == now.ToString();
        Assert.True(Then("n") >= 87 && Now("version") >= Then("version") && Now("endings") >= Then("endings") && Now("alarms") >= Then("alarms"), both);
        Assert.True(Same("calibration") && Same("reference"), both);
        if (Now("alarms") > Then("alarms"))
        {
            Assert.True(Now("epoch") > Then("epoch"), both);
            return;
        }

        Assert.True(Now("epoch") == Then("epoch") && Now("n") >= Then("n") && Now("errors") >= Then("errors"), both);
        Assert.True(Now("n") > Then("n") || Same("tau"), both);
    }

    // A zombie that nobody waits for yet has ended all the same.
    private static bool Lives(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
