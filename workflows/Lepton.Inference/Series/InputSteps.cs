using System.Buffers;
using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;

namespace Lepton.Inference.Series;

// The compiled steps that make one input tensor of a model.
internal sealed class InputSteps
{
    private readonly SeriesStep[] _steps;
    private readonly int[] _lengths;

    private InputSteps(SeriesStep[] steps, int[] lengths) => (_steps, _lengths) = (steps, lengths);

    internal static InputSteps? Compile(Pipeline pipeline, ModelUse use, Tensor tensor, List<Fault> faults)
    {
        var before = faults.Count;
        if (!use.Inputs.TryGetValue(tensor.Name, out var plans) || plans.Count == 0)
        {
            use.Options.Report("inputs", $"gives no steps for '{tensor.Name}', an input of model '{use.Model}'", $"add `{tensor.Name}:` with its steps, such as `- step: take`");
            return null;
        }
        IReadOnlyList<Row> rows = [];
        var steps = new List<SeriesStep>();
        var lengths = new List<int>();
        foreach (var step in plans.Select(SeriesStep.Create).OfType<SeriesStep>())
        {
            rows = step.Compile(pipeline, rows);
            steps.Add(step);
            lengths.Add(rows.Sum(row => row.Length));
        }
        if (faults.Count > before)
        {
            return null;
        }
        if (lengths[^1] != tensor.Length)
        {
            use.Options.Report("inputs", $"makes {lengths[^1]} numbers for '{tensor.Name}', and model '{use.Model}' takes [{string.Join(", ", tensor.Dimensions)}], which are {tensor.Length}",
                "change the steps, or the lengths in `spec.source.signals`");
            return null;
        }
        return new InputSteps([.. steps], [.. lengths]);
    }

    internal void Fill(EventInput input, Span<float> tensor)
    {
        var longest = _lengths.Max();
        var (from, to) = (ArrayPool<float>.Shared.Rent(longest), ArrayPool<float>.Shared.Rent(longest));
        var length = 0;
        for (var i = 0; i < _steps.Length; i++)
        {
            _steps[i].Apply(input, from.AsSpan(0, length), to.AsSpan(0, _lengths[i]));
            (from, to, length) = (to, from, _lengths[i]);
        }
        from.AsSpan(0, length).CopyTo(tensor);
        ArrayPool<float>.Shared.Return(from);
        ArrayPool<float>.Shared.Return(to);
    }
}
