using Lepton.Inference.ScoreFiles;
using Lepton.Cli.Gates.Benchmark;
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lepton.Cli;
using Lepton.Cli.Gates;
using Lepton.Decisions.Gates;

namespace Lepton.Tests.Cli.Gates;

public sealed class GateCommandTests : IDisposable
{
    // What does not depend on how many streams are run.
    private static readonly string[] Certain = ["G3", "G7", "G9"];
    private readonly string path = Path.GetTempFileName();

    public void Dispose()
    {
        File.Delete(path);
        if (Directory.Exists(path + ".streams"))
        {
            Directory.Delete(path + ".streams", recursive: true);
        }
    }

    [Fact]
    public async Task Fit_prints_the_order_statistic_of_the_errors()
    {
        // 500 events of doubt 0.001 to 0.5, of which every tenth is wrong: at alpha 0.05 the 17th error is the threshold.
        var text = new StringBuilder("p0,p1,reference\n");
        for (var i = 1; i <= 500; i++)
        {
            var p = 1 - (i / 2000.0);
            text.Append(CultureInfo.InvariantCulture, $"{p},{1 - p},{(i % 10 == 0 ? 1 : 0)}\n");
        }

        await File.WriteAllTextAsync(path, text.ToString(), TestContext.Current.CancellationToken);
        var json = await JsonAsync("fit", "--alpha", "0.05");
        Assert.Equal((500, 50, 17), (json.GetProperty("n").GetInt32(), json.GetProperty("errors").GetInt32(), json.GetProperty("m").GetInt32()));
        Assert.Equal(0.170, json.GetProperty("tau").GetDouble(), 1e-6);
        Assert.Equal(331 / 500.0, json.GetProperty("escalation").GetDouble(), 1e-9);
        Assert.Equal(BinomialTail.UpperLimit(16, 500, 0.05), json.GetProperty("bound").GetDouble(), 1e-9);
        json = await JsonAsync("fit", "--alpha", "0.05", "--mode", "expected");
        Assert.Equal((25, 0.250), (json.GetProperty("m").GetInt32(), Math.Round(json.GetProperty("tau").GetDouble(), 6)));
    }

    [Fact]
    public async Task Fit_says_how_many_labels_are_missing()
    {
        await StreamAsync(100, 1);
        var json = await JsonAsync("fit", "--alpha", "0.02");
        Assert.Equal((49, 1.0, "-Infinity"), (json.GetProperty("missing").GetInt32(), json.GetProperty("escalation").GetDouble(), json.GetProperty("tau").GetString()));
        Assert.Contains("49 labels are missing", json.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_keeps_every_class_below_alpha()
    {
        await StreamAsync(1500, 2);
        var json = await JsonAsync("fit", "--alpha", "0.05", "--per-class");
        Assert.Equal(10, json.GetProperty("classes").GetArrayLength());
        Assert.All(json.GetProperty("classes").EnumerateArray(), one => Assert.InRange(one.GetProperty("bound").GetDouble(), 0.001, 0.05));
    }

    [Fact]
    public async Task Fit_takes_a_head_only_when_labels_suffice_and_it_saves()
    {
        await StreamAsync(500, 3);
        var json = await JsonAsync("fit", "--alpha", "0.05", "--head", "auto");
        Assert.False(json.GetProperty("head").GetProperty("taken").GetBoolean());
        Assert.Equal(500, json.GetProperty("n").GetInt32());
        await StreamAsync(2600, 4, telling: true);
        var plain = await JsonAsync("fit", "--alpha", "0.02");
        json = await JsonAsync("fit", "--alpha", "0.02", "--head", "auto");
        Assert.True(json.GetProperty("head").GetProperty("taken").GetBoolean());
        Assert.InRange(json.GetProperty("n").GetInt32(), 1200, 1400);
        Assert.True(json.GetProperty("escalation").GetDouble() < 0.8 * plain.GetProperty("escalation").GetDouble());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("2 %")]
    [InlineData("-0.5")]
    public void Alpha_lies_between_0_and_1(string alpha)
    {
        var error = Assert.Single(GateCommand.Create().Parse(["fit", "--input", "x.csv", "--alpha", alpha]).Errors);
        Assert.Contains($"--alpha is '{alpha}'; write a number between 0 and 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_counts_the_same_for_machines_and_people()
    {
        await StreamAsync(2000, 5);
        var json = await JsonAsync("simulate", "--alpha", "0.05", "--seed", "2");
        var text = await RunAsync("simulate", "--alpha", "0.05", "--seed", "2");
        Assert.StartsWith($"lepton: 2000 events, {json.GetProperty("escalated").GetInt64()} escalated, {json.GetProperty("shadow").GetInt64()} more sent", text, StringComparison.Ordinal);
        Assert.Equal(100 * (json.GetProperty("escalated").GetInt64() + json.GetProperty("shadow").GetInt64()), json.GetProperty("bytes").GetInt64());
        Assert.InRange(json.GetProperty("risk").GetDouble(), 0, 0.05);
        Assert.Equal("held", json.GetProperty("gate").GetProperty("guarantee").GetString());
    }

    [Fact]
    public async Task Always_sends_all_and_never_sends_nothing()
    {
        await StreamAsync(1000, 6);
        var always = await JsonAsync("simulate", "--alpha", "0.05", "--policy", "always");
        Assert.Equal((1000, 1.0, 100_000), (always.GetProperty("escalated").GetInt32(), always.GetProperty("accuracy").GetDouble(), always.GetProperty("bytes").GetInt32()));
        var never = await JsonAsync("simulate", "--alpha", "0.05", "--policy", "never");
        Assert.Equal((0, 0), (never.GetProperty("escalated").GetInt32(), never.GetProperty("bytes").GetInt32()));
        Assert.Equal(1 - never.GetProperty("accuracy").GetDouble(), never.GetProperty("risk").GetDouble(), 1e-9);
    }

    [Theory]
    [InlineData("sedna")]
    [InlineData("fixed:")]
    [InlineData("fixed:1.5")]
    public async Task An_unknown_policy_is_wrong_use(string policy)
    {
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync("simulate", "--alpha", "0.05", "--policy", policy));
        Assert.Equal(CommandException.WrongUse, error.ExitCode);
    }

    [Fact]
    public void Peers_escalate_by_their_own_rules()
    {
        double[] sure = [0.9, 0.05, 0.05], even = [0.4, 0.3, 0.3], half = [0.5, 0.5, 0];
        bool[] Hard(string name) => [.. new[] { sure, even, half }.Select(PeerFilters.Find(name)!)];
        Assert.Equal([false, true, true], Hard("sedna-ce"));
        Assert.Equal([false, true, false], Hard("sedna-threshold"));
        Assert.Equal([false, true, true], Hard("sedna-ibt"));
        Assert.Equal([true, true, true], Hard("fixed:0.95"));
    }

    [Fact]
    public async Task Report_draws_a_page_that_loads_nothing()
    {
        await StreamAsync(2000, 7);
        var page = path + ".html";
        try
        {
            Assert.Contains(page, await RunAsync("report", "--alpha", "0.05", "--page", page), StringComparison.Ordinal);
            var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
            var body = System.Xml.Linq.XElement.Parse(html[html.IndexOf("<div", StringComparison.Ordinal)..(html.IndexOf("</div>", StringComparison.Ordinal) + 6)]);
            Assert.Equal(4, body.Elements("svg").Count());
            Assert.Equal(5, body.Descendants("polyline").Count());
            Assert.All(body.Descendants("polyline"), line => Assert.NotEmpty(line.Attribute("points")!.Value));
            Assert.DoesNotContain("http", html, StringComparison.Ordinal);
            Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(page);
        }

        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync("report", "--alpha", "0.05", "--page", Path.Combine(path, "no", "page.html")));
        Assert.Contains("there is no folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_risk_curve_goes_from_escalating_all_to_escalating_nothing()
    {
        var record = new StreamRecord(4, ScoreKind.Margin);
        var row = new ScoreRow(2, 0);
        foreach (var (p, reference) in new[] { (0.95, 0), (0.9, 1), (0.7, 0), (0.6, 1) })
        {
            (row.Scores[0], row.Scores[1], row.Reference) = (p, 1 - p, reference);
            record.Add(row, new Choice(true, false), double.NegativeInfinity);
        }

        Assert.Equal([(1.0, 0.0), (0.75, 0.0), (0.5, 0.25), (0.25, 0.25), (0.0, 0.5)], record.RiskCurve());
        Assert.Equal([0.0, 1.0, 0.0, 1.0], record.Risks.Select(point => point.Risk));
        Assert.Equal([0.0, 0.0, 0.0, 0.0], record.Thresholds.Select(point => point.Tau));
        Assert.Equal(("sedna-ce", 0.5, 0.25), record.Peers().First());
    }

    [Fact]
    public async Task Fit_says_the_smallest_alpha_that_a_share_of_escalations_affords()
    {
        // 500 events, every tenth wrong, of rising doubt: the least doubtful 400 have 40 errors.
        var text = new StringBuilder("p0,p1,reference\n");
        for (var i = 1; i <= 500; i++)
        {
            var p = 1 - (i / 2000.0);
            text.Append(CultureInfo.InvariantCulture, $"{p},{1 - p},{(i % 10 == 0 ? 1 : 0)}\n");
        }

        await File.WriteAllTextAsync(path, text.ToString(), TestContext.Current.CancellationToken);
        var afforded = (await JsonAsync("fit", "--alpha", "0.05", "--most-escalations", "0.2")).GetProperty("affordable").GetProperty("alpha").GetDouble();
        Assert.Equal(BinomialTail.UpperLimit(40, 500, 0.05), afforded, 1e-9);

        // A gate of just that alpha escalates just that share.
        var json = await JsonAsync("fit", "--alpha", (afforded + 1e-6).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(0.2, json.GetProperty("escalation").GetDouble(), 0.025);
        Assert.False((await JsonAsync("fit", "--alpha", "0.05")).TryGetProperty("affordable", out _));
    }

    [Fact]
    public async Task Peers_judge_a_frame_by_its_boxes()
    {
        await File.WriteAllTextAsync(path, "id,doubt,boxes,reference\na,0.1,0.4;0.45,1\nb,0.1,0.9;0.4,0\nc,0.05,,0\n", TestContext.Current.CancellationToken);
        async Task<int> Escalated(string policy) => (await JsonAsync("simulate", "--alpha", "0.05", "--policy", policy)).GetProperty("escalated").GetInt32();
        Assert.Equal((1, 2, 2, 3), (await Escalated("sedna-threshold"), await Escalated("sedna-ibt"), await Escalated("fixed:0.7"), await Escalated("always")));
        Assert.Contains("sedna-ce a classifier's", (await Assert.ThrowsAsync<CommandException>(() => Escalated("sedna-ce"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fit", "--alpha", "0")]
    [InlineData("fit", "--alpha", "1")]
    [InlineData("fit", "--alpha", "-0.1")]
    [InlineData("fit", "--alpha", "NaN")]
    [InlineData("fit", "--alpha", "two")]
    [InlineData("fit", "--delta", "1")]
    [InlineData("fit", "--most-escalations", "1.2")]
    [InlineData("simulate", "--epsilon", "0")]
    public void A_share_outside_of_0_and_1_is_told_with_its_option(string command, string option, string value)
    {
        var parsed = GateCommand.Create().Parse([command, "--input", path, .. option == "--alpha" ? Array.Empty<string>() : ["--alpha", "0.05"], option, value]);
        Assert.Contains(parsed.Errors, error => error.Message.StartsWith($"{option} is '{value}'; write a number between 0 and 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_of_one_class_is_fitted_and_told()
    {
        await File.WriteAllLinesAsync(path, ["p0,p1,reference", .. Enumerable.Repeat("0.9,0.1,0", 200)], TestContext.Current.CancellationToken);
        var notes = (await JsonAsync("fit", "--alpha", "0.05")).GetProperty("notes").EnumerateArray().Select(note => note.GetString()!).ToArray();
        Assert.Contains(notes, note => note.StartsWith("every reference is class 0", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("edge and reference never disagree", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Simulate_takes_a_head_from_labels_of_before_and_thresholds_by_class()
    {
        await StreamAsync(4000, 12, telling: true);
        var history = path + ".history";
        File.Move(path, history);
        try
        {
            await StreamAsync(6000, 13, telling: true);
            var plain = await JsonAsync("simulate", "--alpha", "0.05");
            var headed = await JsonAsync("simulate", "--alpha", "0.05", "--head", "auto", "--history", history);
            Assert.Equal("logistic", headed.GetProperty("head").GetProperty("kind").GetString());
            Assert.True(headed.GetProperty("sent").GetDouble() < 0.9 * plain.GetProperty("sent").GetDouble(), $"{headed} {plain}");
            var byClass = await JsonAsync("simulate", "--alpha", "0.05", "--per-class", "--mode", "expected", "--score", "entropy");
            Assert.NotEqual(plain.GetProperty("escalated").GetInt32(), byClass.GetProperty("escalated").GetInt32());
        }
        finally
        {
            File.Delete(history);
        }
    }

    [Theory]
    [InlineData("simulate", "--head needs labels from before the stream", "--head", "auto")]
    [InlineData("fit", "make it with `lepton train head", "--head", "boosted")]
    [InlineData("fit", "--boosted goes with --head auto", "--boosted", "head.onnx")]
    [InlineData("fit", "there is no head 'absent.onnx'", "--head", "auto", "--boosted", "absent.onnx")]
    public async Task A_head_that_can_t_be_had_is_wrong_use(string command, string problem, params string[] options)
    {
        await StreamAsync(100, 14);
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync(command, ["--alpha", "0.05", .. options]));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(CommandException.WrongUse, error.ExitCode);
    }

    [Fact]
    public async Task Benchmark_measures_pools_and_goals_and_says_what_it_could_not()
    {
        await StreamAsync(2000, 8, telling: true);
        using var json = new StringWriter();
        Assert.Equal(0, await GateCommand.Create().Parse(["benchmark", "--splits", "4", "--runs", "1", "--output", "json", "--streams", NewFolder(path)])
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = json }, TestContext.Current.CancellationToken));
        var report = JsonDocument.Parse(json.ToString()).RootElement;
        var pools = report.GetProperty("pools").EnumerateArray().ToArray();
        Assert.Equal(3, pools.Length);
        Assert.Equal(0.09, pools[0].GetProperty("disagreement").GetDouble(), 0.01);
        Assert.All(pools, pool => Assert.Equal(3, pool.GetProperty("violations").GetArrayLength()));
        Assert.InRange(pools[2].GetProperty("equal")[0].GetProperty("byHead").GetDouble(), 0, 0.95 * pools[2].GetProperty("equal")[0].GetProperty("byMargin").GetDouble());
        var goals = report.GetProperty("goals").EnumerateArray().ToLookup(goal => goal.GetProperty("id").GetString()!);
        Assert.All(Certain.SelectMany(id => goals[id]), goal => Assert.True(goal.GetProperty("passed").GetBoolean(), goal.ToString()));
        Assert.Equal(["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9"], goals.Select(goal => goal.Key).Order());
        Assert.Equal(3, goals["G8"].Count());
    }

    private string NewFolder(string file)
    {
        var folder = Directory.CreateDirectory(file + ".streams").FullName;
        File.Move(file, Path.Combine(folder, "labelled.csv"));
        return folder;
    }

    private async Task StreamAsync(int events, int seed, bool telling = false)
    {
        var stream = new ScoreStream(10, seed);
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("p0,p1,p2,p3,p4,p5,p6,p7,p8,p9,x0,bytes,reference");
        for (var i = 0; i < events; i++)
        {
            var sample = stream.Next();
            var input = sample.Inputs[0] + (telling && sample.Predicted != sample.Reference ? 2.5 : 0);
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', sample.Scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))},{input},100,{sample.Reference}"));
        }
    }

    private async Task<JsonElement> JsonAsync(string command, params string[] options) => JsonDocument.Parse(await RunAsync(command, [.. options, "--output", "json"])).RootElement;

    private async Task<string> RunAsync(string command, params string[] options)
    {
        using var output = new StringWriter();
        var parsed = GateCommand.Create().Parse([command, "--input", path, .. options]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(0, await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output }, TestContext.Current.CancellationToken));
        return output.ToString();
    }
}
