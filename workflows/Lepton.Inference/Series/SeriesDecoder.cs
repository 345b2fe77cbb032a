using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;

namespace Lepton.Inference.Series;

// Turns one row of a model's output into an answer: `probabilities`, `logits` (softmax) or `value` (a regression).
// A single score for two labels is that of the second one. A regression says how unsure it is by a second output, where `uncertainty` names one.
internal sealed class SeriesDecoder
{
    private readonly string _kind;
    private readonly string[] _labels;
    private readonly int _output;
    private readonly int? _spread;

    private SeriesDecoder(string kind, string[] labels, int output, int? spread) => (_kind, _labels, _output, _spread) = (kind, labels, output, spread);

    internal static SeriesDecoder? Create(Model model, OnnxModel onnx, List<Fault> faults)
    {
        var before = faults.Count;
        var name = model.Options.Text("output", onnx.Outputs[0].Name)!;
        var output = Array.FindIndex(onnx.Outputs, tensor => tensor.Name == name);
        if (output < 0)
        {
            model.Options.Report("output", $"is '{name}', which model '{model.Id}' does not have", $"use one of {string.Join(", ", onnx.Outputs.Select(tensor => tensor.Name))}");
            return null;
        }
        var kind = model.Options.Choice("decoder", "probabilities", "probabilities", "logits", "value");
        var width = onnx.Outputs[output].Length;
        var expected = kind == "value" ? 1 : width == 1 ? 2 : width;
        if (kind == "value" ? width != 1 : model.Labels.Count != expected)
        {
            model.Options.Report(kind == "value" ? "decoder" : "labels", kind == "value" ? $"is 'value', and output '{name}' has {width} numbers" : $"are {model.Labels.Count}, and output '{name}' scores {expected}",
                kind == "value" ? "use probabilities or logits" : "name one label for each score");
        }
        int? spread = null;
        if (kind == "value" && model.Options.Text("uncertainty") is { } unsure)
        {
            spread = Array.FindIndex(onnx.Outputs, tensor => tensor.Name == unsure && tensor.Length == 1);
            if (spread < 0)
            {
                model.Options.Report("uncertainty", $"is '{unsure}', which is no output of one number of model '{model.Id}'", "name the output that grows with the value's error, such as its standard deviation");
            }
        }
        return faults.Count == before ? new SeriesDecoder(kind, [.. model.Labels], output, spread) : null;
    }

    internal TierAnswer Decode(TierModel tier, OnnxLane lane, int index)
    {
        var row = lane.Output(_output, index);
        if (_kind == "value")
        {
            double? spread = _spread is { } output ? lane.Output(output, index)[0] : null;
            return new TierAnswer(new Answer { Tier = tier.Tier, Model = tier.Model.Id, Value = row[0], Uncertainty = DoubtOf(spread) }, null);
        }
        var scores = _kind == "logits" ? Softmax(row) : Probabilities(row);
        // The first NaN where there is one; the gate does not accept its answer.
        var best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores.AsSpan());
        return new TierAnswer(new Answer { Tier = tier.Tier, Model = tier.Model.Id, Label = _labels[best], Labels = _labels, Scores = scores }, null);
    }

    // From 0 to 1 in the same order, which is all that a gate looks at. What is no spread measures nothing, and no gate accepts it.
    private static double? DoubtOf(double? spread) => spread is >= 0 and <= float.MaxValue ? spread / (1 + spread) : null;

    // As they stand: whether they are probabilities at all is the gate's to judge, and it fails closed.
    private static double[] Probabilities(ReadOnlySpan<float> row)
    {
        var scores = new double[row.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertTruncating(row, scores);
        return row.Length == 1 ? [1 - scores[0], scores[0]] : scores;
    }

    private static double[] Softmax(ReadOnlySpan<float> row)
    {
        if (row.Length == 1)
        {
            var score = 1 / (1 + Math.Exp(-row[0]));
            return [1 - score, score];
        }
        var scores = new double[row.Length];
        double most = System.Numerics.Tensors.TensorPrimitives.Max(row), sum = 0;
        for (var i = 0; i < row.Length; i++)
        {
            sum += scores[i] = Math.Exp(row[i] - most);
        }
        for (var i = 0; i < row.Length; i++)
        {
            scores[i] /= sum;
        }
        return scores;
    }
}
