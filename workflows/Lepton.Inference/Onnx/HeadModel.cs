using Microsoft.ML.OnnxRuntime;

namespace Lepton.Inference.Onnx;

/// <summary>A gate's boosted head: an ONNX file that makes one doubt of one row of features. Not safe for use by several threads.</summary>
public sealed class HeadModel : IDisposable
{
    private const string Origin = "make it with `lepton train head`";
    private static readonly string[] Outputs = ["Probability.output"];
    private readonly InferenceSession session;
    private readonly RunOptions options = new();
    private readonly string[] inputs;
    private readonly float[] row;
    private readonly OrtValue[] values;

    private HeadModel(InferenceSession session, string input, int features)
    {
        (this.session, inputs, row) = (session, [input], new float[features]);
        values = [OrtValue.CreateTensorValueFromMemory(row, [1, features])];
    }

    /// <summary>Number of features.</summary>
    public int Features => row.Length;

    /// <summary>Loads a file.</summary>
    /// <exception cref="InvalidDataException">The file is missing or no head; the message says what to do.</exception>
    public static HeadModel Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"there is no head '{path}'; {Origin}");
        }

        InferenceSession session;
        try
        {
            using var one = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            session = new InferenceSession(path, one);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"ONNX Runtime refuses the head '{path}': {error.Message.ReplaceLineEndings(" ")}; {Origin}");
        }

        if (session.InputMetadata.Count == 1 && session.InputMetadata.First() is { Value.Dimensions: [-1, > 0 and var features], Key: var input } && session.OutputMetadata.ContainsKey(Outputs[0]))
        {
            return new HeadModel(session, input, features);
        }

        session.Dispose();
        throw new InvalidDataException($"'{path}' is no head: it needs one input of rows of features and the output '{Outputs[0]}'; {Origin}");
    }

    /// <summary>The probability that the reference disagrees; NaN, which no gate accepts, when a feature is no number.</summary>
    /// <param name="features">As many as <see cref="Features"/>, in the order of the gate's logistic head.</param>
    public double Probability(ReadOnlySpan<double> features)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = (float)features[i];
            if (!float.IsFinite(row[i]))
            {
                return double.NaN;
            }
        }

        using var results = session.Run(options, inputs, values, Outputs);
        return results[0].GetTensorDataAsSpan<float>()[0];
    }

    /// <summary>Closes the session.</summary>
    public void Dispose()
    {
        values[0].Dispose();
        options.Dispose();
        session.Dispose();
    }
}
