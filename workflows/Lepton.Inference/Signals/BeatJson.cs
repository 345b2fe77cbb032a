using System.Buffers;
using System.Text.Json;

namespace Lepton.Inference.Signals;

/// <summary>The payload of a beat's event.</summary>
public static class BeatJson
{
    /// <summary>Writes a beat as <c>{"rate": 360, "signals": {"lead1": [...], "lead2": [...]}, "values": {"at": s, "rrPrevious": s, ...}}</c>; signals in mV, values in seconds.</summary>
    /// <remarks>A recording with one lead sends it twice: the pipeline takes two.</remarks>
    public static byte[] Write(Beat beat)
    {
        ArgumentNullException.ThrowIfNull(beat);
        var buffer = new ArrayBufferWriter<byte>(8 * 1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("rate"u8, BeatSegmenter.Rate);
            json.WriteStartObject("signals"u8);
            WriteLead(json, "lead1"u8, beat.Leads[0]);
            WriteLead(json, "lead2"u8, beat.Leads[Math.Min(1, beat.Leads.Length - 1)]);
            json.WriteEndObject();
            json.WriteStartObject("values"u8);
            var timing = beat.Timing;
            json.WriteNumber("at"u8, Math.Round(timing.At, 4));
            json.WriteNumber("rrPrevious"u8, Math.Round(timing.Previous, 4));
            json.WriteNumber("rrNext"u8, Math.Round(timing.Next, 4));
            json.WriteNumber("rrBefore"u8, Math.Round(timing.Before, 4));
            json.WriteNumber("rrLocal"u8, Math.Round(timing.Local, 4));
            json.WriteNumber("rrMean"u8, Math.Round(timing.Mean, 4));
            json.WriteNumber("rrSpread"u8, Math.Round(timing.Spread, 4));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteLead(Utf8JsonWriter json, ReadOnlySpan<byte> name, float[] samples)
    {
        json.WriteStartArray(name);
        foreach (var sample in samples)
        {
            json.WriteNumberValue(MathF.Round(sample, 3));
        }
        json.WriteEndArray();
    }
}
