using System.Security.Cryptography;
using System.Text;
using Lepton.Contracts.Resources;
using Lepton.Inference;

namespace Lepton.Tests.Inference;

// A resources folder of one test: a pipeline as YAML text, models as bytes.
internal sealed class ResourceFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("lepton-models-").FullName;

    internal List<Fault> Faults { get; } = [];

    internal ModelCatalog Catalog => new(Path, null);

    internal string AddModel(string name, byte[] onnx, string decoder, string labels)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Path, "models", name, "1")).FullName;
        File.WriteAllBytes(System.IO.Path.Combine(folder, "model.onnx"), onnx);
        File.WriteAllText(System.IO.Path.Combine(folder, "model.yaml"), $$"""
            apiVersion: lepton.dev/v1
            kind: Model
            metadata: {name: {{name}}, version: "1"}
            spec:
              sha256: {{Convert.ToHexStringLower(SHA256.HashData(onnx))}}
              decoder: {{decoder}}
              labels: [{{labels}}]
              licence: Apache-2.0
            """);
        return folder;
    }

    // Steps of the one input `x` as lines of YAML, such as "{step: values}".
    internal Pipeline Pipeline(string source, string steps, string more = "")
    {
        var text = $$"""
            apiVersion: lepton.dev/v1
            kind: Pipeline
            metadata: {name: machine}
            spec:
              source: {{source}}
              tiers:
                edge:
                  model: small/1
                  inputs:
                    x: [{{steps}}]
                cloud: {model: small/1}
            {{more}}
            """;
        var pipelines = PipelineReader.Read(System.IO.Path.Combine(Path, "machine.yaml"), text, Faults);
        Assert.True(Faults.Count == 0, string.Join('\n', Faults));
        return pipelines[0];
    }

    internal TierModel? Load(Pipeline pipeline) => TierModel.Load(pipeline, "edge", Catalog, Faults);

    internal static EventInput Event(Pipeline pipeline, string json, IReadOnlyDictionary<string, float[]>? baseline = null)
    {
        var input = EventInput.Read(pipeline, "urn:lepton:device:a", "application/json", Encoding.UTF8.GetBytes(json), baseline, out var problem);
        Assert.True(input is not null, problem);
        return input;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
