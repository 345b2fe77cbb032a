using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;
using Lepton.Inference.Onnx;
using Lepton.Inference.ScoreFiles;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>One event of a pool.</summary>
/// <param name="Doubt">With its jitter.</param>
/// <param name="Boosted">What the boosted head says of it; null without one.</param>
internal sealed record PoolEvent(string Id, double[] Scores, ScoreReading Reading, double Doubt, float[] Inputs, int Reference, int Truth, long Bytes, double[]? Boxes, double? Boosted)
{
    public bool Wrong => Reading.Predicted != Reference;

    public HeadPart Part { get; } = HeadSplit.Of(HeadSplit.HashOf(Id));

    public HeadSample Sample => new(Reading, Inputs, Wrong);
}

/// <summary>A set of events without order, from which calibrations, tests and streams are drawn.</summary>
internal sealed class Pool(string name, int classes, PoolEvent[] events)
{
    /// <summary>Fewer labels than this are too few to draw calibrations and streams from.</summary>
    public const int LeastLabels = 2000;
    private const int Most = 20_000;

    public string Name => name;

    public int Classes => classes;

    public PoolEvent[] Events => events;

    public bool IsGenerated { get; private init; }

    /// <summary>Whether its answers bring their own doubt.</summary>
    public bool HasOwnDoubt { get; private init; }

    public bool HasBoxes { get; private init; }

    public bool HasBytes { get; private init; }

    public bool HasTruth { get; private init; }

    public bool HasBoosted { get; private init; }

    public double Disagreement { get; } = events.Count(one => one.Wrong) / (double)events.Length;

    public static Pool Generated(int classes, int seed)
    {
        var stream = new ScoreStream(classes, seed);
        return new($"generated, {classes} classes", classes, [.. Enumerable.Range(0, Most).Select(i => EventOf($"{seed}-{i}", stream.Next()))]) { IsGenerated = true };
    }

    /// <summary>A file's events, at most 20,000 of them evenly over the file; with the boosted head that lies beside it under the same name.</summary>
    public static Pool Read(ScoreFile file)
    {
        var every = (int)Math.Max(1, file.Check().Events / Most);
        var path = Path.ChangeExtension(file.Path, ".onnx");
        using var boosted = File.Exists(path) ? HeadModel.Load(path) : null;
        var trees = new Doubt(ScoreKind.Margin, file.Columns.Classes, null, boosted);
        var read = new List<PoolEvent>();
        foreach (var row in file.Rows().Where(row => row.Number % every == 0).Take(Most))
        {
            var sample = new ScoreStream.Sample([.. row.Scores], row.Reference, [.. row.Inputs]);
            var one = EventOf(row.Id, sample) with { Truth = row.Truth, Bytes = row.Bytes, Boxes = row.Boxes };
            read.Add(one with { Boosted = trees.Boosted(one.Reading, one.Inputs) });
        }

        return new(Path.GetFileNameWithoutExtension(file.Path), file.Columns.Classes, [.. read])
        {
            HasOwnDoubt = file.Columns.HasOwnDoubt, HasBytes = file.Columns.HasBytes, HasTruth = file.Columns.HasTruth, HasBoosted = boosted is not null, HasBoxes = read.Exists(one => one.Boxes is { Length: > 0 }),
        };
    }

    private static PoolEvent EventOf(string id, ScoreStream.Sample sample)
    {
        var reading = Scores.Read(sample.Scores, ScoreKind.Margin);
        return new(id, sample.Scores, reading, Label.Jittered(reading.Doubt, HeadSplit.HashOf(id)), sample.Inputs, sample.Reference, sample.Reference, 0, null, null);
    }
}
