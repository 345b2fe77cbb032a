using System.Collections.Concurrent;
using Lepton.Contracts.Resources;
using Microsoft.ML.OnnxRuntime;

namespace Lepton.Inference.Onnx;

// A tensor of a model: its dimensions without the batch axis where the model has one.
internal sealed record Tensor(string Name, int[] Dimensions)
{
    internal int Length { get; } = Dimensions.Aggregate(1, (product, dimension) => product * dimension);
}

// An ONNX session and its tensors. All tensors are float32; the first axis may be a batch.
internal sealed class OnnxModel : IDisposable
{
    // More rows in one run gained nothing on the small models here, and a run holds its lane.
    private const int LargestBatch = 32;
    private readonly ConcurrentBag<OnnxLane> _idle = [];
    private readonly InferenceSession _session;

    private OnnxModel(InferenceSession session, Tensor[] inputs, Tensor[] outputs, int batch) =>
        (_session, Inputs, Outputs, Batch) = (session, inputs, outputs, batch);

    internal Tensor[] Inputs { get; }

    internal Tensor[] Outputs { get; }

    // The most events that one run takes; 1 where the model has no batch axis.
    internal int Batch { get; }

    internal static OnnxModel? Load(FoundModel found, List<Fault> faults)
    {
        InferenceSession session;
        try
        {
            // One thread without spinning: on two cores a second one never helped and doubled the latency of everything beside it.
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            session = new InferenceSession(found.Content, options);
        }
        catch (OnnxRuntimeException error)
        {
            faults.Add(new Fault(found.Path, 0, $"ONNX Runtime refuses the file: {error.Message.ReplaceLineEndings(" ")}", "export the model again, with an opset that ONNX Runtime 1.31 reads"));
            return null;
        }
        var metadata = session.InputMetadata.Concat(session.OutputMetadata).ToArray();
        var problem = metadata.Where(pair => !pair.Value.IsTensor || pair.Value.ElementType != typeof(float))
            .Select(pair => $"tensor '{pair.Key}' of model '{found.Model.Id}' is no float32").FirstOrDefault()
            ?? metadata.Where(pair => pair.Value.Dimensions.Skip(1).Any(dimension => dimension < 1))
            .Select(pair => $"tensor '{pair.Key}' of model '{found.Model.Id}' has an open dimension beside its batch axis: [{string.Join(", ", pair.Value.Dimensions)}]").FirstOrDefault();
        if (problem is not null)
        {
            session.Dispose();
            faults.Add(new Fault(found.Path, 0, problem, "export the model with float32 tensors whose first axis alone may be open"));
            return null;
        }
        var batched = metadata.All(pair => pair.Value.Dimensions is [-1, ..]);
        return new OnnxModel(session, [.. session.InputMetadata.Select(Shape)], [.. session.OutputMetadata.Select(Shape)], batched ? LargestBatch : 1);
    }

    // Buffers for one run at a time; give them back with Return.
    internal OnnxLane Rent() => _idle.TryTake(out var lane) ? lane : new OnnxLane(_session, this);

    internal void Return(OnnxLane lane) => _idle.Add(lane);

    public void Dispose()
    {
        while (_idle.TryTake(out var lane))
        {
            lane.Dispose();
        }
        _session.Dispose();
    }

    // An open or single first axis is the batch; the rest is one event's.
    private static Tensor Shape(KeyValuePair<string, NodeMetadata> pair) =>
        new(pair.Key, pair.Value.Dimensions is [-1 or 1, .. var rest] ? rest : pair.Value.Dimensions);
}
