using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;

namespace Lepton.Inference.Signals;

/// <summary>Reads recordings of the MIT-BIH kind: a <c>.hea</c> header, a <c>.dat</c> or <c>.dat.gz</c> in format 212, and an <c>.atr</c> with the beats, if there is one.</summary>
public static class RecordingReader
{
    private const int LongestHeader = 64 * 1024;

    /// <summary>The header files in a folder in the order of their names, or the one file given.</summary>
    /// <param name="path">A folder of records, a header file, or a record's path without its extension.</param>
    /// <exception cref="InvalidDataException">There is no record at the path.</exception>
    public static IReadOnlyList<string> Find(string path)
    {
        if (Directory.Exists(path))
        {
            var headers = Directory.GetFiles(path, "*.hea");
            if (headers.Length == 0)
            {
                throw new InvalidDataException($"Folder '{path}' holds no ECG record. Give a folder with '.hea', '.dat' (or '.dat.gz') and '.atr' files.");
            }
            Array.Sort(headers, StringComparer.Ordinal);
            return headers;
        }
        var header = Path.ChangeExtension(path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path, ".hea");
        return File.Exists(header) ? [header] : throw new InvalidDataException($"There is no ECG record at '{path}': header file '{header}' does not exist.");
    }

    /// <summary>Reads one record.</summary>
    /// <param name="header">Path of the <c>.hea</c> file; the signal and annotation files are looked for beside it.</param>
    /// <exception cref="InvalidDataException">A file is missing, cut short or of another format; the message names the file.</exception>
    public static Recording Read(string header)
    {
        var name = Path.GetFileNameWithoutExtension(header);
        var folder = Path.GetDirectoryName(Path.GetFullPath(header))!;
        if (new FileInfo(header).Length > LongestHeader)
        {
            throw new InvalidDataException($"'{header}' is larger than 64 KiB, so it is no record header.");
        }
        var lines = File.ReadAllLines(header).Where(line => line.Length > 0 && line[0] != '#').ToArray();
        var (rate, leads) = ReadHeader(header, lines);
        var bytes = ReadSignalFile(folder, leads[0].File);
        var samples = Unpack(bytes, leads, header);
        var annotations = Path.Combine(folder, name + ".atr");
        var order = Enumerable.Range(0, leads.Length).OrderBy(i => leads[i].Name == "MLII" ? 0 : 1).ToArray();
        return new Recording(name, rate, [.. order.Select(i => samples[i])], [.. order.Select(i => leads[i].Name)],
            File.Exists(annotations) ? ReadAnnotations(File.ReadAllBytes(annotations)) : []);
    }

    private static (double Rate, Lead[] Leads) ReadHeader(string header, string[] lines)
    {
        var first = lines.Length > 0 ? lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        if (first.Length < 3 || !int.TryParse(first[1], out var count) || count < 1 || lines.Length < 1 + count
            || !double.TryParse(first[2].Split('/')[0], CultureInfo.InvariantCulture, out var rate) || rate <= 0)
        {
            throw new InvalidDataException($"'{header}' is not a record header: its first line must hold name, number of leads and sampling rate, followed by a line per lead.");
        }
        return (rate, [.. lines.Skip(1).Take(count).Select(line => Lead.Parse(header, line))]);
    }

    private static byte[] ReadSignalFile(string folder, string file)
    {
        var plain = Path.Combine(folder, file);
        if (File.Exists(plain))
        {
            return File.ReadAllBytes(plain);
        }
        if (!File.Exists(plain + ".gz"))
        {
            throw new InvalidDataException($"Signal file '{plain}' (or '{plain}.gz') does not exist.");
        }
        using var unzip = new GZipStream(File.OpenRead(plain + ".gz"), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        unzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    // Format 212: two 12-bit two's complement samples in three bytes; samples of the leads take turns.
    private static float[][] Unpack(byte[] bytes, Lead[] leads, string header)
    {
        var total = bytes.Length / 3 * 2;
        var length = total / leads.Length;
        if (length == 0)
        {
            throw new InvalidDataException($"The signal file of '{header}' is empty.");
        }
        var samples = new float[leads.Length][];
        for (var lead = 0; lead < leads.Length; lead++)
        {
            samples[lead] = new float[length];
        }
        for (var i = 0; i < length * leads.Length; i++)
        {
            var at = i / 2 * 3;
            var raw = i % 2 == 0 ? bytes[at] | (bytes[at + 1] & 0x0F) << 8 : bytes[at + 2] | (bytes[at + 1] & 0xF0) << 4;
            var lead = i % leads.Length;
            samples[lead][i / leads.Length] = (float)((((raw << 20) >> 20) - leads[lead].Zero) / leads[lead].Gain);
        }
        return samples;
    }

    // A word is type << 10 | distance to the annotation before; types 59 to 63 carry long distances and notes.
    private static List<BeatAnnotation> ReadAnnotations(ReadOnlySpan<byte> bytes)
    {
        const string Symbols = " NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r";
        var beats = new List<BeatAnnotation>();
        var sample = 0;
        while (bytes.Length >= 2)
        {
            var word = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            bytes = bytes[2..];
            var (type, distance) = (word >> 10, word & 0x3FF);
            if (word == 0)
            {
                break;
            }
            if (type == 59 && bytes.Length >= 4)
            {
                sample += BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
                bytes = bytes[4..];
            }
            else if (type == 63)
            {
                bytes = bytes[Math.Min(bytes.Length, distance + (distance & 1))..];
            }
            else if (type < 59)
            {
                sample += distance;
                if (type < Symbols.Length && BeatClasses.Of(Symbols[type]) is not null)
                {
                    beats.Add(new BeatAnnotation(sample, Symbols[type]));
                }
            }
        }
        return beats;
    }

    private sealed record Lead(string File, double Gain, double Zero, string Name)
    {
        // file format gain[(baseline)][/units] bits zero first checksum block description
        internal static Lead Parse(string header, string line)
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 5 || fields[1] != "212")
            {
                throw new InvalidDataException($"'{header}' has a lead that is not in format 212: '{line}'. Convert the record to format 212.");
            }
            var gainText = fields[2].Split('/')[0].Split('(');
            if (!double.TryParse(gainText[0], CultureInfo.InvariantCulture, out var gain)
                || !double.TryParse(gainText.Length > 1 ? gainText[1].TrimEnd(')') : fields[4], CultureInfo.InvariantCulture, out var zero))
            {
                throw new InvalidDataException($"'{header}' has a lead whose gain or zero is not a number: '{line}'.");
            }
            return new Lead(fields[0], gain == 0 ? 200 : gain, zero, fields.Length > 8 ? string.Join(' ', fields[8..]) : "");
        }
    }
}
