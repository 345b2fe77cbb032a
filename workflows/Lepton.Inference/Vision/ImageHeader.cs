using System.Buffers.Binary;

namespace Lepton.Inference.Vision;

/// <summary>What an encoded image says of itself, read without decoding it: the decoder never meets a picture that would fill the memory.</summary>
/// <param name="Format">jpeg, png or gif.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Complete">Whether the file's end mark is there.</param>
internal readonly record struct ImageHeader(string Format, int Width, int Height, bool Complete)
{
    /// <summary>Null when the bytes are none of the three formats, or end before their size is told; <paramref name="format"/> is what they begin as.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> data, out string? format)
    {
        format = data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "jpeg"
            : data.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "png"
            : data.StartsWith("GIF87a"u8) || data.StartsWith("GIF89a"u8) ? "gif"
            : null;
        return format switch
        {
            "jpeg" => Jpeg(data),
            "png" => Png(data),
            "gif" => Gif(data),
            _ => null,
        };
    }

    private static ImageHeader? Jpeg(ReadOnlySpan<byte> data)
    {
        // Segments: FF, a marker, a length that counts itself. C0..CF but C4, C8 and CC begin the frame and hold its size.
        for (var at = 2; at + 9 < data.Length;)
        {
            if (data[at] != 0xFF)
            {
                return null;
            }
            var marker = data[at + 1];
            if (marker is 0xFF or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at += marker == 0xFF ? 1 : 2;
                continue;
            }
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                // Cameras pad after the end mark, so it is looked for in the last bytes rather than at the very end.
                var tail = data[Math.Max(at, data.Length - 512)..];
                return new ImageHeader("jpeg", BinaryPrimitives.ReadUInt16BigEndian(data[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(data[(at + 5)..]),
                    tail.LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) >= 0);
            }
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]);
        }
        return null;
    }

    private static ImageHeader? Png(ReadOnlySpan<byte> data)
    {
        if (data.Length < 24 || !data[12..16].SequenceEqual("IHDR"u8))
        {
            return null;
        }
        var width = BinaryPrimitives.ReadUInt32BigEndian(data[16..]);
        var height = BinaryPrimitives.ReadUInt32BigEndian(data[20..]);
        return new ImageHeader("png", (int)Math.Min(width, int.MaxValue), (int)Math.Min(height, int.MaxValue), data[Math.Max(0, data.Length - 64)..].LastIndexOf("IEND"u8) >= 0);
    }

    private static ImageHeader? Gif(ReadOnlySpan<byte> data) => data.Length < 10
        ? null
        : new ImageHeader("gif", BinaryPrimitives.ReadUInt16LittleEndian(data[6..]), BinaryPrimitives.ReadUInt16LittleEndian(data[8..]), data.TrimEnd((byte)0).EndsWith((ReadOnlySpan<byte>)[0x3B]));
}
