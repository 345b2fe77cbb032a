using System.Security.Cryptography;
using System.Text;
using Lepton.Decisions.Drift;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>A gate's memory as bytes, below 50 KB with a full window of 2,000 labels.</summary>
public static class GateArchive
{
    private const uint Magic = 0x3247_504c;
    private const int ChecksumBytes = 8;

    /// <summary>Writes a memory.</summary>
    public static byte[] Save(GateMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var stream = new MemoryStream(48 << 10);
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(memory.Key);
        writer.Write7BitEncodedInt(memory.Epoch);
        writer.Write7BitEncodedInt(memory.BenignAlarms);
        Write(writer, memory.Before.Common);
        writer.Write7BitEncodedInt(memory.Before.ByClass.Count);
        foreach (var calibration in memory.Before.ByClass)
        {
            Write(writer, calibration);
        }

        var basis = memory.Window.Basis;
        writer.Write(basis.Credit);
        writer.Write(basis.Mild);
        writer.Write(basis.Strong);
        writer.Write(memory.Window.Evicted.HasValue);
        var at = 0L;
        if (memory.Window.Evicted is { } evicted)
        {
            Write(writer, evicted, ref at);
        }

        writer.Write7BitEncodedInt(memory.Window.Count);
        foreach (var label in memory.Window.Labels)
        {
            Write(writer, label, ref at);
        }

        writer.Flush();
        writer.Write(ChecksumOf(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>
    /// Reads into a memory that was made with today's models and settings. False when the bytes belong to others, or are damaged: the memory then is
    /// what it was, and starts cold.
    /// </summary>
    public static bool TryLoad(GateMemory memory, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (bytes.Length < ChecksumBytes || !ChecksumOf(bytes.Span[..^ChecksumBytes]).AsSpan().SequenceEqual(bytes.Span[^ChecksumBytes..]))
        {
            return false;
        }

        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes.ToArray(), writable: false), Encoding.UTF8);
            if (reader.ReadUInt32() != Magic || reader.ReadString() != memory.Key)
            {
                return false;
            }

            int epoch = reader.Read7BitEncodedInt(), benign = reader.Read7BitEncodedInt();
            var common = ReadCalibration(reader);
            var byClass = new Calibration[Limited(reader.Read7BitEncodedInt(), memory.Settings.Classes)];
            for (var c = 0; c < byClass.Length; c++)
            {
                byClass[c] = ReadCalibration(reader);
            }

            var basis = new LossTrack(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            var at = 0L;
            Label? evicted = reader.ReadBoolean() ? ReadLabel(reader, epoch, ref at) : null;
            var labels = new Label[Limited(reader.Read7BitEncodedInt(), Math.Max(memory.Settings.Window, memory.Settings.LabelsNeeded))];
            for (var i = 0; i < labels.Length; i++)
            {
                labels[i] = ReadLabel(reader, epoch, ref at);
            }

            memory.Restore(epoch, benign, ClassThresholds.Restore(common, byClass), basis, evicted, labels);
            return true;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or InvalidDataException or ArgumentException)
        {
            return false;
        }
    }

    private static byte[] ChecksumOf(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes)[..ChecksumBytes];

    private static int Limited(int count, int most) => count >= 0 && count <= most ? count : throw new InvalidDataException();

    private static void Write(BinaryWriter writer, in Calibration calibration)
    {
        writer.Write7BitEncodedInt(calibration.Labels);
        writer.Write7BitEncodedInt(calibration.Errors);
        writer.Write7BitEncodedInt(calibration.Order);
        writer.Write(calibration.Threshold);
        writer.Write(calibration.Bound);
    }

    private static Calibration ReadCalibration(BinaryReader reader) =>
        new(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.ReadDouble(), reader.ReadDouble());

    // Labels stand in the order of their decisions, so each writes only how long it came after the one before.
    private static void Write(BinaryWriter writer, in Label label, ref long at)
    {
        var critical = label.CriticalScore != 0;
        writer.Write(label.Event);
        writer.Write7BitEncodedInt64(label.At - at);
        writer.Write((byte)((int)label.Designation | (label.Accepted ? 4 : 0) | (critical ? 8 : 0) | (label.Denied != Reasons.None ? 16 : 0)));
        writer.Write(label.Doubt);
        writer.Write7BitEncodedInt(label.Predicted);
        writer.Write7BitEncodedInt(label.Reference + 1);
        if (critical)
        {
            writer.Write(label.CriticalScore);
        }

        if (label.Denied != Reasons.None)
        {
            writer.Write7BitEncodedInt((int)label.Denied);
        }

        at = label.At;
    }

    private static Label ReadLabel(BinaryReader reader, int epoch, ref long at)
    {
        var hash = reader.ReadUInt64();
        at += reader.Read7BitEncodedInt64();
        var flags = reader.ReadByte();
        var doubt = reader.ReadSingle();
        int predicted = reader.Read7BitEncodedInt(), reference = reader.Read7BitEncodedInt() - 1;
        var critical = (flags & 8) != 0 ? reader.ReadSingle() : 0;
        var denied = (flags & 16) != 0 ? (Reasons)reader.Read7BitEncodedInt() : Reasons.None;
        return new(hash, at, epoch, (Designation)(flags & 3), doubt, predicted, reference, (flags & 4) != 0, denied, critical);
    }
}
