using Lepton.Contracts.Resources;

namespace Lepton.Inference.Series;

// centre  takes each row's mean off.
internal sealed class Centre : RowStep
{
    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination)
    {
        var mean = Statistics.Mean(source);
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = source[i] - mean;
        }
    }
}

// normalise  each row to mean 0 and deviation 1; a flat row becomes zeros.
internal sealed class Normalise : RowStep
{
    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination)
    {
        var (mean, deviation) = (Statistics.Mean(source), Statistics.Deviation(source));
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = deviation > 1e-6f ? (source[i] - mean) / deviation : 0;
        }
    }
}

// scale: {subtract: [..] or one number, divide: [..] or one number}  with known constants, one for all samples of a row or one for each.
internal sealed class Scale(YamlMap arguments) : RowStep
{
    private readonly float[] _subtract = Constants(arguments, "subtract", 0), _divide = Constants(arguments, "divide", 1);

    protected override int LengthOf(Row row)
    {
        foreach (var (key, constants) in ((string, float[])[])[("subtract", _subtract), ("divide", _divide)])
        {
            if (constants.Length != 1 && constants.Length != row.Length)
            {
                arguments.Report(key, $"holds {constants.Length} numbers, and row '{row.Name}' has {row.Length}", "write one number, or one for each");
            }
        }
        if (_divide.Contains(0))
        {
            arguments.Report("divide", "holds 0", "write numbers other than 0");
        }
        return row.Length;
    }

    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = (source[i] - _subtract[_subtract.Length == 1 ? 0 : i]) / _divide[_divide.Length == 1 ? 0 : i];
        }
    }

    private static float[] Constants(YamlMap arguments, string key, float otherwise) => arguments.Node(key) switch
    {
        null => [otherwise],
        YamlDotNet.RepresentationModel.YamlSequenceNode => [.. arguments.Numbers(key).Select(number => (float)number)],
        _ => [(float)arguments.Number(key, otherwise)],
    };
}

// features: {of: [mean, deviation, ...]}  replaces each row by these figures of it.
internal sealed class Features(YamlMap arguments) : RowStep
{
    private static readonly string[] Known = ["mean", "deviation", "least", "most", "range", "rms", "kurtosis"];
    private readonly IReadOnlyList<string> _of = arguments.Texts("of");

    protected override int LengthOf(Row row)
    {
        foreach (var name in _of.Where(name => !Known.Contains(name)))
        {
            arguments.Report("of", $"names '{name}'", $"use one of {string.Join(", ", Known)}");
        }
        if (_of.Count == 0)
        {
            arguments.Report("of", "names no feature", $"name at least one of {string.Join(", ", Known)}");
        }
        return _of.Count;
    }

    protected override void ApplyRow(EventInput input, Row row, ReadOnlySpan<float> source, Span<float> destination)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = _of[i] switch
            {
                "mean" => Statistics.Mean(source),
                "deviation" => Statistics.Deviation(source),
                "least" => System.Numerics.Tensors.TensorPrimitives.Min(source),
                "most" => System.Numerics.Tensors.TensorPrimitives.Max(source),
                "range" => System.Numerics.Tensors.TensorPrimitives.Max(source) - System.Numerics.Tensors.TensorPrimitives.Min(source),
                "rms" => MathF.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares(source) / source.Length),
                _ => Statistics.Kurtosis(source),
            };
        }
    }
}
