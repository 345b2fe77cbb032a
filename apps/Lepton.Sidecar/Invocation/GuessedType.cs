using System.Text;

namespace Lepton.Sidecar.Invocation;

/// <summary>The content type daprd gives an answer whose app named none, from its first 512 bytes.</summary>
internal static class GuessedType
{
    private const int Looked = 512;
    private static readonly string[] Html = ["<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE", "<A", "<STYLE", "<TITLE", "<B", "<BODY", "<BR", "<P", "<!--"];

    internal static string Of(ReadOnlySpan<byte> body)
    {
        var first = body[..Math.Min(body.Length, Looked)];
        var text = first.TrimStart("\t\n\x0c\r "u8);
        foreach (var tag in Html)
            if (text.Length > tag.Length && Encoding.ASCII.GetString(text[..tag.Length]).Equals(tag, StringComparison.OrdinalIgnoreCase) && (text[tag.Length] is (byte)' ' or (byte)'>' || tag == "<!--"))
                return "text/html; charset=utf-8";
        if (text.StartsWith("<?xml"u8)) return "text/xml; charset=utf-8";
        if (first.StartsWith("%PDF-"u8)) return "application/pdf";
        if (first.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])) return "image/png";
        if (first.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])) return "image/jpeg";
        if (first.StartsWith("GIF87a"u8) || first.StartsWith("GIF89a"u8)) return "image/gif";
        if (first.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08])) return "application/x-gzip";
        if (first.StartsWith((ReadOnlySpan<byte>)[0x50, 0x4B, 0x03, 0x04])) return "application/zip";
        foreach (var b in first)
            if (b is <= 8 or 0x0B or (>= 0x0E and <= 0x1A) or (>= 0x1C and <= 0x1F)) return "application/octet-stream";
        return "text/plain; charset=utf-8";
    }
}
