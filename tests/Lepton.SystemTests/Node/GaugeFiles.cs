using System.Security.Cryptography;

namespace Lepton.SystemTests.Node;

/// <summary>
/// A pipeline that exists only as the files written here: a gauge's reading is high or low. The edge sees <c>x</c> alone and is unsure near 0; the
/// cloud sees <c>truth</c> too and is always sure. Its gate opens after nine labels, with a threshold at the doubt of the least doubtful wrong one.
/// </summary>
internal static class GaugeFiles
{
    public const string Pipeline = """
        apiVersion: lepton.dev/v1
        kind: Pipeline
        metadata: {name: gauge, title: Gauge readings}
        spec:
          source:
            kind: series
            maxBytes: 4Ki
            signals: {wave: 4}
            values: [x, truth, at]
          durability: DURABILITY
          tiers:
            edge: {model: gauge-edge/1, inputs: {x: [{step: values, names: [x]}]}}
            cloud: {model: gauge-cloud/1, inputs: {x: [{step: values, names: [x, truth]}]}}
          twin: {baseline: {signals: [wave], window: 10s, at: at}}
          gate: {mode: expected, alpha: ALPHA, warmUp: 1, shadow: SHADOW}
          escalate: {to: cloud, deadline: DEADLINE, provisional: PROVISIONAL, MORE}
        """;

    public static void Write(string resources, string durability = "escalation", string deadline = "1h", string provisional = "true", string name = "gauge", string alpha = "0.1", string shadow = "0", string more = "parkFor: 1h")
    {
        Directory.CreateDirectory(Path.Combine(resources, "pipelines"));
        File.WriteAllText(
            Path.Combine(resources, "pipelines", name + ".yaml"),
            Pipeline.Replace("DURABILITY", durability, StringComparison.Ordinal).Replace("DEADLINE", deadline, StringComparison.Ordinal)
                .Replace("PROVISIONAL", provisional, StringComparison.Ordinal).Replace("ALPHA", alpha, StringComparison.Ordinal).Replace("SHADOW", shadow, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal).Replace("name: gauge,", $"name: {name},", StringComparison.Ordinal));
        WriteModel(resources, "gauge-edge", [[-1, 1]]);
        WriteModel(resources, "gauge-cloud", [[0, 0], [-10, 10]]);
    }

    /// <summary>The payload of one reading.</summary>
    public static string Reading(double x, double truth, double at = 0) => $$$"""{"signals":{"wave":[{{{x}}},1,2,3]},"values":{"x":{{{x}}},"truth":{{{truth}}},"at":{{{at}}} } }""";

    private static void WriteModel(string resources, string name, float[][] weights) => WriteModel(resources, name, TinyModel.Write(weights), "decoder: probabilities\n  labels: [low, high]");

    /// <summary>Writes a model and its card; <paramref name="spec"/> is what the card says beside hash and licence.</summary>
    public static void WriteModel(string resources, string name, byte[] onnx, string spec)
    {
        var folder = Path.Combine(resources, "models", name, "1");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), onnx);
        File.WriteAllText(Path.Combine(folder, "model.yaml"), $$"""
            apiVersion: lepton.dev/v1
            kind: Model
            metadata: {name: {{name}}, version: "1"}
            spec:
              sha256: {{Convert.ToHexStringLower(SHA256.HashData(onnx))}}
              licence: Apache-2.0
              {{spec}}
            """);
    }
}
