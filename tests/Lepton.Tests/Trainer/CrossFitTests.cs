using Lepton.Inference.ScoreFiles;
using Lepton.Trainer.Streams;

namespace Lepton.Tests.Trainer;

public sealed class CrossFitTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lepton-streams-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Scores_stand_under_their_classes_and_no_row_is_scored_by_a_model_that_saw_it()
    {
        // The edge's value tells the class well, the cloud's second one tells it surely; the classes appear in the order 2, 1, 0. A tenth of the labels is a throw of dice,
        // which only a model that saw them could know.
        var random = new Random(1);
        var classes = Enumerable.Range(0, 900).Select(i => 2 - (i % 3)).ToArray();
        var labels = classes.Select((c, i) => i % 10 == 7 ? random.Next(3) : c).ToArray();
        float[][] edge = [.. classes.Select(c => new[] { (float)(c + random.NextDouble() - 0.5) * 2 })];
        float[][] cloud = [.. classes.Select((c, i) => new[] { edge[i][0], c })];
        CrossFit.Write(folder, new Table("made", 3, edge, cloud, labels)).Dispose();
        var file = ScoreFile.Open(Path.Combine(folder, "made.csv"));
        Assert.Equal(900, file.Check().Events);
        int right = 0, agrees = 0, guessed = 0, dice = 0;
        foreach (var row in file.Rows())
        {
            var i = (int)row.Number - 1;
            Assert.Equal(1, row.Scores.Sum(), 1e-5);
            Assert.Equal(labels[i], row.Truth);
            right += Array.IndexOf(row.Scores, row.Scores.Max()) == classes[i] ? 1 : 0;
            agrees += row.Reference == classes[i] ? 1 : 0;
            dice += labels[i] != classes[i] ? 1 : 0;
            guessed += labels[i] != classes[i] && row.Reference == labels[i] ? 1 : 0;
        }

        Assert.InRange(right, 800, 900);
        Assert.InRange(agrees, 880, 900);
        Assert.True(guessed <= dice / 10, $"{guessed} of {dice} labels thrown by dice were known");
    }
}
