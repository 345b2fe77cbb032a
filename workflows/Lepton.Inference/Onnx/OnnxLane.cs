using Microsoft.ML.OnnxRuntime;

namespace Lepton.Inference.Onnx;

// The buffers of one run: pinned once, and bound to an OrtValue for each batch size that occurs.
internal sealed class OnnxLane : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly string[] _inputNames, _outputNames;
    private readonly Buffer[] _inputs, _outputs;
    private readonly (OrtValue[] Inputs, OrtValue[] Outputs)?[] _sets;

    internal OnnxLane(InferenceSession session, OnnxModel model)
    {
        _session = session;
        _inputNames = [.. model.Inputs.Select(tensor => tensor.Name)];
        _outputNames = [.. model.Outputs.Select(tensor => tensor.Name)];
        _inputs = [.. model.Inputs.Select(tensor => new Buffer(tensor, model.Batch, session.InputMetadata[tensor.Name].Dimensions.Length))];
        _sets = new (OrtValue[], OrtValue[])?[model.Batch + 1];
        _outputs = [.. model.Outputs.Select(tensor => new Buffer(tensor, model.Batch, session.OutputMetadata[tensor.Name].Dimensions.Length))];
    }

    // Where row `row` of input `input` is written.
    internal Span<float> Input(int input, int row) => _inputs[input].Row(row);

    internal ReadOnlySpan<float> Output(int output, int row) => _outputs[output].Row(row);

    internal void Run(int rows)
    {
        var set = _sets[rows] ??= ([.. _inputs.Select(buffer => buffer.Value(rows))], [.. _outputs.Select(buffer => buffer.Value(rows))]);
        _session.Run(_options, _inputNames, set.Inputs, _outputNames, set.Outputs);
    }

    public void Dispose()
    {
        _options.Dispose();
        foreach (var buffer in _inputs.Concat(_outputs))
        {
            buffer.Dispose();
        }
    }

    private sealed class Buffer(Tensor tensor, int batch, int rank) : IDisposable
    {
        private readonly float[] _data = new float[batch * tensor.Length];
        private readonly OrtValue?[] _values = new OrtValue?[batch + 1];

        internal Span<float> Row(int row) => _data.AsSpan(row * tensor.Length, tensor.Length);

        internal OrtValue Value(int rows)
        {
            long[] shape = rank > tensor.Dimensions.Length ? [rows, .. tensor.Dimensions.Select(d => (long)d)] : [.. tensor.Dimensions.Select(d => (long)d)];
            return _values[rows] ??= OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _data.AsMemory(0, rows * tensor.Length), shape);
        }

        public void Dispose() => Array.ForEach(_values, value => value?.Dispose());
    }
}
