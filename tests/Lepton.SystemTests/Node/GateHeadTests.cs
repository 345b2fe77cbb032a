using System.CommandLine;
using System.Globalization;
using System.Text;
using Lepton.Cli.Gates;
using Lepton.Workflows.Pipelines;

namespace Lepton.SystemTests.Node;

/// <summary>Heads beside a model: the gate compares what they say in place of the scores' own doubt.</summary>
public sealed class GateHeadTests : IDisposable
{
    private const string Named = "gateHead: {file: head.json, inputs: [at]}";
    private readonly string folder = Directory.CreateTempSubdirectory("lepton-head-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("head.json")]
    [InlineData("head.onnx")]
    public async Task A_head_that_was_fitted_elsewhere_decides_in_the_node(string file)
    {
        var head = file == "head.onnx" ? Boosted(7) : await FitAsync();
        var card = Named.Replace("head.json", file, StringComparison.Ordinal);
        await using var lab = await Lab.StartAsync(resources => Write(resources, card, file, head));

        // By the margin all nine are as good; the head knows that readings go wrong late.
        for (var i = 0; i < Lab.Labels; i++)
        {
            await lab.PostAsync("gauge", "urn:gauge:calibration", $"{i}", i == 0 ? GaugeFiles.Reading(3, -1, at: 6) : GaugeFiles.Reading(3, 1, at: 1));
        }

        await Lab.UntilAsync(async () => (await lab.ReadAsync("v1/gates/gauge")).GetProperty("phase").GetString() == "open", "nine labels open the gate");
        var early = await lab.PostAsync("gauge", "urn:gauge:1", "early", GaugeFiles.Reading(0.01, 1, at: 1));
        var late = await lab.PostAsync("gauge", "urn:gauge:1", "late", GaugeFiles.Reading(5, 1, at: 9));
        Assert.Equal(("accept", "provisionalAndEscalate", "uncertain"), (early.Decision, late.Decision, late.Reasons.Single()));
        Assert.True(early.Gate!.Doubt < early.Gate.Threshold && late.Gate!.Doubt > late.Gate.Threshold, $"{early.Gate} {late.Gate}");
        Assert.Equal(late.Gate.Doubt, late.Answer!.Uncertainty);
        Assert.Equal("confirmed", (await lab.Checker.WaitAsync(late.Subject, 2)).Reasons[0]);
        Assert.Equal(Calibration(card, file, head), late.Gate.Calibration);
    }

    [Fact]
    public async Task Another_head_begins_another_calibration()
    {
        var head = await FitAsync();
        string[] keys =
        [
            Calibration("", "head.json", head), Calibration(Named, "head.json", head), Calibration(Named.Replace("[at]", "[x]", StringComparison.Ordinal), "head.json", head),
            Calibration(Named, "head.json", """{"head": {"weights": [1, 0, 0, 0, 0, 0, 0, 0]} }"""), Calibration(Named.Replace("json", "onnx", StringComparison.Ordinal), "head.onnx", Boosted(7)),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Theory]
    [InlineData("gateHead: {file: other.json, inputs: [at]}", "{}", "there is no such file beside the card")]
    [InlineData("gateHead: {file: ../1/head.json}", "{}", "there is no such file beside the card")]
    [InlineData("gateHead: {inputs: [at]}", "{}", "there is no such file beside the card")]
    [InlineData("gateHead: {file: head.json, inputs: [pressure]}", "{}", "names 'pressure', which is no value of pipeline 'gauge'; use some of x, truth, at")]
    [InlineData("gateHead: {file: head.json, input: [at]}", "{}", "`spec.gateHead.input` is not known; did you mean `inputs`?")]
    [InlineData("gateHead: head.json", "{}", "is not a mapping")]
    [InlineData(Named, "", "which cannot be this model's head")]
    [InlineData(Named, "[1]", "it holds no `head.weights`")]
    [InlineData(Named, """{"head": {"taken": false, "why": "few labels"} }""", "it holds no `head.weights`")]
    [InlineData(Named, """{"head": {"weights": [1, "NaN"]} }""", "it holds no `head.weights`")]
    [InlineData(Named, """{"head": {"weights": [1, 2]} }""", "has at least 7 weights, but 2 were given")]
    [InlineData(Named, """{"head": {"weights": [1, 0, 0, 0, 0, 0, 0]} }""", "it looks at 6 features, and 2 labels with 1 inputs make 7; fit it on a file with a p column for each label")]
    [InlineData("gateHead: {file: head.onnx, inputs: [at]}", "none", "refuses the head")]
    [InlineData("gateHead: {file: head.onnx, inputs: [at]}", "boosted", "it looks at 6 features, and 2 labels with 1 inputs make 7")]
    public void A_head_that_does_not_fit_turns_its_pipeline_off_with_a_reason(string card, string content, string problem)
    {
        Write(folder, card, card.Contains("onnx", StringComparison.Ordinal) ? "head.onnx" : "head.json", content == "boosted" ? Boosted(6) : Encoding.UTF8.GetBytes(content));
        var book = PipelineBook.Load(folder, null, "edge");
        Assert.Empty(book.Names);
        Assert.Contains(problem, Assert.Single(book.Faults).ToString(), StringComparison.Ordinal);

        // The tier above decides nothing by doubt, and its own card names no head.
        Assert.Equal(["gauge"], PipelineBook.Load(folder, null, "cloud").Names);
    }

    private static void Write(string resources, string card, string file, byte[] head)
    {
        GaugeFiles.Write(resources);
        var model = Path.Combine(resources, "models", "gauge-edge", "1");
        File.AppendAllText(Path.Combine(model, "model.yaml"), $"\n  {card}\n");
        File.WriteAllBytes(Path.Combine(model, file), head);
    }

    /// <summary>A head in ONNX whose doubt grows with its last feature, the input.</summary>
    private static byte[] Boosted(int features) => TinyModel.Write([features], ("Sigmoid", "Probability.output", [.. Enumerable.Range(1, features).Select(number => new float[] { number == features ? 1 : 0 })]));

    private string Calibration(string card, string file, string head) => Calibration(card, file, Encoding.UTF8.GetBytes(head));

    private string Calibration(string card, string file, byte[] head)
    {
        Write(folder, card, file, head);
        var book = PipelineBook.Load(folder, null, "edge");
        Assert.Empty(book.Faults);
        return book.Tiers.Single().Gate!.Calibration;
    }

    /// <summary>What <c>lepton gate fit</c> prints for a log in which the edge errs after 5 o'clock, however sure it was.</summary>
    private async Task<byte[]> FitAsync()
    {
        var log = new StringBuilder("p0,p1,reference,xat\n");
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
        {
            var (p, at) = (0.5 + (random.NextDouble() / 2), random.NextDouble() * 10);
            log.Append(CultureInfo.InvariantCulture, $"{p},{1 - p},{(at + random.NextDouble() > 5.5 ? 1 : 0)},{at}\n");
        }

        var path = Path.Combine(folder, "log.csv");
        await File.WriteAllTextAsync(path, log.ToString(), TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        var parsed = GateCommand.Create().Parse(["fit", "--input", path, "--alpha", "0.1", "--head", "logistic", "--output", "json"]);
        Assert.Equal(0, await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output }, TestContext.Current.CancellationToken));
        return Encoding.UTF8.GetBytes(output.ToString());
    }
}
