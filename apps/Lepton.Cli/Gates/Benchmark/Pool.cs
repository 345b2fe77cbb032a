using Lepton.Inference.ScoreFiles;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>One event of a pool. Its doubt has its jitter already.</summary>
internal readonly record struct PoolEvent(ScoreReading Reading, double Doubt, float[] Inputs, bool Wrong);

/// <summary>A set of events without order, from which calibrations and tests are drawn.</summary>
internal sealed class Pool(string name, bool isGenerated, int classes, PoolEvent[] events)
{
    private const int Most = 20_000;
    private static readonly Salt Salt = new("lepton gate benchmark");

    public string Name => name;

    public bool IsGenerated => isGenerated;

    public int Classes => classes;

    public PoolEvent[] Events => events;

    public static Pool Generated(int classes, int seed)
    {
        var stream = new ScoreStream(classes, seed);
        return new($"generated, {classes} classes", true, classes, [.. Enumerable.Range(0, Most).Select(i => (stream.Next(), i)).Select(pair => EventOf(pair.Item1.Scores, pair.Item1.Inputs, pair.Item1.Reference, $"{pair.i}"))]);
    }

    /// <summary>The first 20,000 events of a file.</summary>
    public static Pool Read(ScoreFile file)
    {
        file.Check();
        var read = new List<PoolEvent>();
        foreach (var row in file.Rows())
        {
            read.Add(EventOf(row.Scores, [.. row.Inputs], row.Reference, row.Id));
            if (read.Count == Most)
            {
                break;
            }
        }

        return new(Path.GetFileName(file.Path), false, file.Columns.Classes, [.. read]);
    }

    private static PoolEvent EventOf(double[] scores, float[] inputs, int reference, string id)
    {
        var reading = Scores.Read(scores, ScoreKind.Margin);
        return new(reading, Label.Jittered(reading.Doubt, Salt.HashOf(id)), inputs, reading.Predicted != reference);
    }
}
