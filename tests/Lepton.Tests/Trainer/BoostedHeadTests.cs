using System.Globalization;
using Lepton.Cli.Gates.Benchmark;
using Lepton.Decisions.Gates;
using Lepton.Inference.Onnx;
using Lepton.Inference.ScoreFiles;
using Lepton.Trainer.Heads;

namespace Lepton.Tests.Trainer;

public sealed class BoostedHeadTests : IDisposable
{
    private const int Classes = 10;
    private readonly string folder = Directory.CreateTempSubdirectory("lepton-head-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void ONNX_Runtime_says_what_the_trainer_says()
    {
        var file = Labelled(4000, 1);
        var head = BoostedHead.Train(file);
        var path = Path.Combine(folder, "head.onnx");
        head.Save(path);
        using var model = HeadModel.Load(path);
        Assert.Equal(GateHead.Width(Classes, 1), model.Features);
        var features = file.Rows().Take(1000).Select(row => BoostedHead.Features(Scores.Read(row.Scores, ScoreKind.Margin), row.Inputs, Classes, model.Features)).ToArray();
        var expected = head.Probabilities(features);
        for (var i = 0; i < features.Length; i++)
        {
            Assert.Equal(expected[i], model.Probability(Array.ConvertAll(features[i], value => (double)value)), 1e-4);
        }

        Assert.True(expected.Distinct().Count() > 50);
        features[0][1] = float.NaN;
        Assert.True(double.IsNaN(model.Probability(Array.ConvertAll(features[0], value => (double)value))));
    }

    [Fact]
    public void Only_the_labels_set_apart_for_fitting_are_looked_at()
    {
        var file = Labelled(4000, 2);
        var fits = file.Rows().Count(row => HeadSplit.Of(HeadSplit.HashOf(row.Id)) == HeadPart.Fits);
        Assert.InRange(fits, 1200, 1470);
        Assert.Equal(fits, BoostedHead.Train(file).Samples);
    }

    [Fact]
    public void A_file_without_errors_or_a_file_that_is_no_head_is_told()
    {
        var path = Path.Combine(folder, "right.csv");
        File.WriteAllLines(path, ["p0,p1,reference", .. Enumerable.Repeat("0.9,0.1,0", 200)]);
        Assert.Contains("give labels of both outcomes", Assert.Throws<InvalidDataException>(() => BoostedHead.Train(ScoreFile.Open(path))).Message, StringComparison.Ordinal);
        Assert.Contains("lepton train head", Assert.Throws<InvalidDataException>(() => HeadModel.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no head", Assert.Throws<InvalidDataException>(() => HeadModel.Load(path + ".onnx")).Message, StringComparison.Ordinal);
    }

    // Most errors happen where the input is small, which the scores do not say.
    private ScoreFile Labelled(int events, int seed)
    {
        var path = Path.Combine(folder, $"labelled-{seed}.csv");
        var stream = new ScoreStream(Classes, seed);
        using (var writer = new StreamWriter(path))
        {
            writer.WriteLine($"id,{string.Join(',', Enumerable.Range(0, Classes).Select(c => $"p{c}"))},x0,reference");
            for (var i = 0; i < events; i++)
            {
                var sample = stream.Next();
                var input = Math.Abs(sample.Inputs[0]) * (sample.Predicted != sample.Reference ? 0.3 : 1);
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"e{i},{string.Join(',', sample.Scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))},{input:R},{sample.Reference}"));
            }
        }

        return ScoreFile.Open(path);
    }
}
