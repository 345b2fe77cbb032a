using System.Text.Json;
using Lepton.Contracts.Resources;
using Lepton.Inference.Series;

namespace Lepton.Inference;

/// <summary>The parsed payload of a series event: <c>{"signals": {name: [numbers]}, "values": {name: number}}</c>, as the pipeline's source describes it.</summary>
public sealed class SeriesData
{
    private SeriesData(float[][] signals, double[] values) => (Signals, Values) = (signals, values);

    /// <summary>The signals' samples, in the order of <see cref="EventSource.Signals"/>; all finite and of the length that the pipeline names.</summary>
    public float[][] Signals { get; }

    /// <summary>The values, in the order of <see cref="EventSource.Values"/>; all finite.</summary>
    public double[] Values { get; }

    // Empty when all is well, else what is wrong with which field. Faults are always told by the slow way, which knows where it is.
    internal static string Parse(Pipeline pipeline, ReadOnlySpan<byte> json, out SeriesData? data) =>
        Parse(pipeline, json, plain: true, out data).Length == 0 ? "" : Parse(pipeline, json, plain: false, out data);

    private static string Parse(Pipeline pipeline, ReadOnlySpan<byte> json, bool plain, out SeriesData? data)
    {
        data = null;
        var source = pipeline.Source;
        var signals = new float[source.Signals.Count][];
        var values = new double[source.Values.Count];
        Array.Fill(values, double.NaN);
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return $"the payload is no JSON object; send {{\"signals\": {{...}}, \"values\": {{...}}}} to pipeline '{pipeline.Name}'";
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var problem = reader.ValueTextEquals("signals"u8) ? ReadSignals(pipeline, ref reader, ref json, plain, signals)
                    : reader.ValueTextEquals("values"u8) ? ReadValues(pipeline, ref reader, values)
                    : Skip(ref reader);
                if (problem.Length > 0)
                {
                    return problem;
                }
            }
            // Whatever follows the object is malformed too.
            reader.Read();
        }
        catch (JsonException error)
        {
            return $"the payload is malformed JSON at byte {error.BytePositionInLine ?? 0} (NaN and Infinity are no JSON either); send a whole JSON object to pipeline '{pipeline.Name}'";
        }
        catch (InvalidOperationException)
        {
            return $"the payload holds a text that is no UTF-8; send JSON in UTF-8 to pipeline '{pipeline.Name}'";
        }
        data = new SeriesData(signals, values);
        return Missing(pipeline, signals, values);
    }

    private static string ReadSignals(Pipeline pipeline, ref Utf8JsonReader reader, ref ReadOnlySpan<byte> json, bool plain, float[][] signals)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return $"field 'signals' is no JSON object; send {{\"name\": [numbers]}} to pipeline '{pipeline.Name}'";
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var problem = "";
            if (Index(pipeline.Source.Signals.Keys, ref reader, out var name) is >= 0 and var index)
            {
                signals[index] = new float[pipeline.Source.Signals[name]];
                problem = ReadSamples(pipeline, ref reader, ref json, plain, name, signals[index]);
            }
            else
            {
                Skip(ref reader);
            }
            if (problem.Length > 0)
            {
                return problem;
            }
        }
        return "";
    }

    private static string ReadSamples(Pipeline pipeline, ref Utf8JsonReader reader, ref ReadOnlySpan<byte> json, bool plain, string name, float[] samples)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            return $"signal '{name}' is no list; send {samples.Length} numbers to pipeline '{pipeline.Name}'";
        }
        var begin = (int)reader.BytesConsumed;
        if (plain && PlainNumbers.TryRead(json[begin..], samples, out var length))
        {
            // The reader goes on at the bracket, as if the array were empty.
            json = json[(begin + length)..];
            reader = new Utf8JsonReader(json, isFinalBlock: true, reader.CurrentState);
            reader.Read();
            return "";
        }
        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out var sample) || !float.IsFinite(sample))
            {
                return $"signal '{name}' holds at index {count} what is no finite number; send {samples.Length} finite numbers to pipeline '{pipeline.Name}'";
            }
            if (count < samples.Length)
            {
                samples[count] = sample;
            }
        }
        return count == samples.Length ? "" : $"signal '{name}' has {count} samples, and pipeline '{pipeline.Name}' takes {samples.Length}; send {samples.Length} or change `spec.source.signals`";
    }

    private static string ReadValues(Pipeline pipeline, ref Utf8JsonReader reader, double[] values)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return $"field 'values' is no JSON object; send {{\"name\": number}} to pipeline '{pipeline.Name}'";
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Index(pipeline.Source.Values, ref reader, out var name) is not (>= 0 and var index))
            {
                Skip(ref reader);
            }
            else if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out values[index]) || !float.IsFinite((float)values[index]))
            {
                return $"value '{name}' is no finite number; send a finite number to pipeline '{pipeline.Name}'";
            }
        }
        return "";
    }

    private static string Missing(Pipeline pipeline, float[][] signals, double[] values)
    {
        var index = 0;
        foreach (var name in pipeline.Source.Signals.Keys)
        {
            if (signals[index++] is null)
            {
                return $"signal '{name}' is missing; send {pipeline.Source.Signals[name]} numbers in 'signals' to pipeline '{pipeline.Name}'";
            }
        }
        var missing = Array.FindIndex(values, double.IsNaN);
        return missing < 0 ? "" : $"value '{pipeline.Source.Values[missing]}' is missing; send a finite number in 'values' to pipeline '{pipeline.Name}'";
    }

    private static int Index(IEnumerable<string> names, ref Utf8JsonReader reader, out string name)
    {
        var index = 0;
        foreach (var known in names)
        {
            if (reader.ValueTextEquals(known))
            {
                name = known;
                return index;
            }
            index++;
        }
        name = "";
        return -1;
    }

    private static string Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
        return "";
    }
}
