using Lepton.Contracts.Resources;
using Lepton.Inference.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Lepton.Inference.Series;

// A tier of a series pipeline: steps for each input tensor, one run for many events, a decoder.
internal sealed class SeriesTierModel : TierModel
{
    private readonly OnnxModel _onnx;
    private readonly InputSteps[] _inputs;
    private readonly SeriesDecoder _decoder;

    private SeriesTierModel(Pipeline pipeline, string tier, Model model, OnnxModel onnx, InputSteps[] inputs, SeriesDecoder decoder) : base(pipeline, tier, model) =>
        (_onnx, _inputs, _decoder) = (onnx, inputs, decoder);

    internal static SeriesTierModel? Load(Pipeline pipeline, string tier, ModelUse use, FoundModel found, List<Fault> faults)
    {
        var before = faults.Count;
        if (OnnxModel.Load(found, faults) is not { } onnx)
        {
            return null;
        }
        foreach (var name in use.Inputs.Keys.Where(name => onnx.Inputs.All(tensor => tensor.Name != name)))
        {
            use.Options.Report("inputs", $"makes '{name}', which is no input of model '{use.Model}'", $"its inputs are {string.Join(", ", onnx.Inputs.Select(tensor => tensor.Name))}");
        }
        var inputs = onnx.Inputs.Select(tensor => InputSteps.Compile(pipeline, use, tensor, faults)).ToArray();
        var decoder = SeriesDecoder.Create(found.Model, onnx, faults);
        use.Options.Close();
        if (faults.Count > before || decoder is null)
        {
            onnx.Dispose();
            return null;
        }
        return new SeriesTierModel(pipeline, tier, found.Model, onnx, inputs!, decoder);
    }

    public override TierAnswer[] Answer(ReadOnlySpan<EventInput> events)
    {
        var answers = new TierAnswer[events.Length];
        var lane = _onnx.Rent();
        var rows = new int[_onnx.Batch];
        for (var (next, filled) = (0, 0); next < events.Length; next++)
        {
            if (Problem(events[next]) is { } problem)
            {
                answers[next] = new TierAnswer(null, problem);
            }
            else
            {
                for (var i = 0; i < _inputs.Length; i++)
                {
                    _inputs[i].Fill(events[next], lane.Input(i, filled));
                }
                rows[filled++] = next;
            }
            if (filled == _onnx.Batch || (next == events.Length - 1 && filled > 0))
            {
                Run(lane, rows.AsSpan(0, filled), answers);
                filled = 0;
            }
        }
        _onnx.Return(lane);
        return answers;
    }

    protected override void Dispose(bool disposing) => _onnx.Dispose();

    private void Run(OnnxLane lane, ReadOnlySpan<int> rows, TierAnswer[] answers)
    {
        try
        {
            lane.Run(rows.Length);
        }
        catch (OnnxRuntimeException error)
        {
            foreach (var row in rows)
            {
                answers[row] = new TierAnswer(null, $"model '{Model.Id}' failed: {error.Message.ReplaceLineEndings(" ")}; try it with `lepton doctor`");
            }
            return;
        }
        for (var i = 0; i < rows.Length; i++)
        {
            answers[rows[i]] = _decoder.Decode(this, lane, i);
        }
    }

    private string? Problem(EventInput input)
    {
        if (input.Series is not { } series || series.Signals.Length != Pipeline.Source.Signals.Count || series.Values.Length != Pipeline.Source.Values.Count)
        {
            return $"the event of '{input.Device}' holds no series of pipeline '{Pipeline.Name}'; read it with EventInput.Read for this pipeline";
        }
        if (input.Baseline is not { } baseline)
        {
            return null;
        }
        foreach (var (name, samples) in baseline)
        {
            if (Pipeline.Source.Signals.TryGetValue(name, out var length) && (samples.Length != length || Array.Exists(samples, sample => !float.IsFinite(sample))))
            {
                return $"the baseline of signal '{name}' of device '{input.Device}' has {samples.Length} samples, and pipeline '{Pipeline.Name}' takes {length} finite ones; send it as the twin built it";
            }
        }
        return null;
    }
}
