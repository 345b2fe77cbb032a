using Lepton.Decisions.Gates;
using Lepton.Inference.ScoreFiles;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Lepton.Trainer.Heads;

// Boosted trees on the features of the logistic head. Only the labels that HeadSplit gives to fitting are looked at.
internal sealed class BoostedHead
{
    internal const int Trees = 50;

    // As many as a tree of depth 4 has; this trainer limits leaves and not the depth.
    internal const int Leaves = 16;
    private const int MostSamples = 20_000;
    private const int LeastInLeaf = 20;
    private readonly MLContext context;
    private readonly ITransformer model;
    private readonly IDataView shape;

    private BoostedHead(MLContext context, ITransformer model, IDataView shape, int samples, int errors) =>
        (this.context, this.model, this.shape, Samples, Errors) = (context, model, shape, samples, errors);

    internal int Samples { get; }

    internal int Errors { get; }

    internal static BoostedHead Train(ScoreFile file)
    {
        var classes = file.Columns.Classes;
        var width = GateHead.Width(classes, file.Columns.Inputs.Length);
        var samples = new List<HeadRow>();
        foreach (var row in file.Rows())
        {
            if (samples.Count < MostSamples && HeadSplit.Of(HeadSplit.HashOf(row.Id)) == HeadPart.Fits)
            {
                var reading = Scores.Read(row.Scores, ScoreKind.Margin);
                samples.Add(new HeadRow { Label = reading.Predicted != row.Reference, Features = Features(reading, row.Inputs, classes, width) });
            }
        }

        var errors = samples.Count(sample => sample.Label);
        if (errors == 0 || errors == samples.Count)
        {
            throw new InvalidDataException($"'{file.Path}' has {samples.Count} labels to fit a head on, {(errors == 0 ? "none" : "all")} of them wrong; give labels of both outcomes");
        }

        var context = new MLContext(seed: 1);
        var data = context.Data.LoadFromEnumerable(samples, Schema<HeadRow>(width));
        var trainer = context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = Trees, NumberOfLeaves = Leaves, MinimumExampleCountPerLeaf = LeastInLeaf, LearningRate = 0.1, Shrinkage = 1, FeatureFraction = 0.7, NumberOfThreads = 1, Seed = 1,
        });
        return new BoostedHead(context, trainer.Fit(data), context.Data.LoadFromEnumerable(Array.Empty<HeadInput>(), Schema<HeadInput>(width)), samples.Count, errors);
    }

    internal static float[] Features(in ScoreReading reading, float[] inputs, int classes, int width)
    {
        var row = new double[width];
        GateHead.Fill(reading, inputs, classes, row);
        return Array.ConvertAll(row, value => (float)value);
    }

    // What ML.NET itself says, to hold the file against.
    internal float[] Probabilities(IReadOnlyList<float[]> features)
    {
        var rows = features.Select(row => new HeadInput { Features = row });
        var data = context.Data.LoadFromEnumerable(rows, Schema<HeadInput>(features[0].Length));
        return [.. model.Transform(data).GetColumn<float>("Probability")];
    }

    internal void Save(string path)
    {
        using var stream = File.Create(path);
        context.Model.ConvertToOnnx(model, shape, stream, "Probability");
    }

    private static SchemaDefinition Schema<T>(int width)
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema[nameof(HeadInput.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return schema;
    }

    private sealed class HeadRow
    {
        public bool Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class HeadInput
    {
        public float[] Features { get; set; } = [];
    }
}
