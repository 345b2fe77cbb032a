using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Lepton.Trainer.Streams;

// A small linear model at the edge, boosted trees in the cloud; each row is scored by models that were trained on the other four fifths.
internal static class CrossFit
{
    private const int Folds = 5;

    internal static ScoreWriter Write(string folder, Table table)
    {
        var order = Enumerable.Range(0, table.Labels.Length).ToArray();
        double[][] edge = new double[order.Length][], cloud = new double[order.Length][];
        for (var fold = 0; fold < Folds; fold++)
        {
            // Rows stand in time order, or in none; neighbours go to different folds.
            int[] held = [.. order.Where(i => i % Folds == fold)], fits = [.. order.Where(i => i % Folds != fold)];
            Score(table.Edge, table, fits, held, edge, Linear);
            Score(table.Cloud, table, fits, held, cloud, Boosted);
        }

        double Accuracy(double[][] scores) => order.Count(i => Best(scores[i]) == table.Labels[i]) / (double)order.Length;
        var writer = ScoreWriter.OfClasses(folder, table.Name, table.Classes, table.Edge[0].Length, $"right: edge {Accuracy(edge):F3}, cloud {Accuracy(cloud):F3}");
        foreach (var i in order)
        {
            writer.Add($"{table.Name}-{i}", edge[i], table.Edge[i], table.Cloud[i].Length * sizeof(float), Best(cloud[i]), table.Labels[i]);
        }

        return writer;
    }

    internal static SchemaDefinition Schema<T>(int width)
    {
        var schema = SchemaDefinition.Create(typeof(T));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return schema;
    }

    private static IEstimator<ITransformer> Linear(MLContext context) =>
        context.Transforms.NormalizeMeanVariance("Features").Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0.1f, l2Regularization: 0.1f));

    private static IEstimator<ITransformer> Boosted(MLContext context) => context.MulticlassClassification.Trainers.OneVersusAll(
        context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 60, NumberOfLeaves = 16, LearningRate = 0.1, NumberOfThreads = 1, Seed = 1 }));

    private static void Score(float[][] features, Table table, int[] fits, int[] held, double[][] into, Func<MLContext, IEstimator<ITransformer>> make)
    {
        var context = new MLContext(seed: 1);
        IDataView Data(int[] rows) => context.Data.LoadFromEnumerable(rows.Select(i => new Row { Class = (uint)table.Labels[i] + 1, Features = features[i] }), Schema<Row>(features[0].Length));

        // ML.NET counts the classes of a key in the order of their first appearance, unless it is told them.
        var keys = context.Data.LoadFromEnumerable(Enumerable.Range(1, table.Classes).Select(c => new Key { Class = (uint)c }));
        var pipeline = context.Transforms.Conversion.MapValueToKey("Label", "Class", keyData: keys).Append(make(context));
        var scored = pipeline.Fit(Data(fits)).Transform(Data(held)).GetColumn<float[]>("Score").ToArray();
        for (var j = 0; j < held.Length; j++)
        {
            var sum = scored[j].Sum(score => (double)score);
            into[held[j]] = sum > 0 ? [.. scored[j].Select(score => score / sum)] : [.. scored[j].Select(_ => 1.0 / table.Classes)];
        }
    }

    private static int Best(double[] scores) => Array.IndexOf(scores, scores.Max());

    private sealed class Key
    {
        public uint Class { get; set; }
    }

    private sealed class Row
    {
        public uint Class { get; set; }

        public float[] Features { get; set; } = [];
    }
}
