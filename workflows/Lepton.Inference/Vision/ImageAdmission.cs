namespace Lepton.Inference.Vision;

/// <summary>Decides whether image bytes may be decoded. Pure: it needs no OpenCV, so a bad image is refused for its own fault on every machine.</summary>
public static class ImageAdmission
{
    /// <summary>Longest side admitted, pixels.</summary>
    public const int LongestSide = 8192;

    /// <summary>Most pixels admitted: decoded they take 3 bytes each.</summary>
    public const int MostPixels = 16_777_216;

    private const int ShortestSide = 8;

    // Brought to a model's input, a longer strip would be less than a few pixels high.
    private const int MostProportion = 32;

    /// <summary>A sentence that says what is wrong with an image and what to send instead; null when it is admitted.</summary>
    /// <param name="contentType">Media type it came with: image/jpeg, image/png or image/gif.</param>
    /// <param name="data">The encoded bytes.</param>
    public static string? Refuse(string contentType, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        var media = contentType.Split(';')[0].Trim().ToLowerInvariant();
        var promised = media switch { "image/jpeg" or "image/jpg" => "jpeg", "image/png" => "png", "image/gif" => "gif", _ => null };
        if (promised is null)
        {
            return $"the content type is '{media}', and images come as JPEG, PNG or GIF; send image/jpeg, image/png or image/gif";
        }
        if (data.IsEmpty)
        {
            return $"the {media} image has no bytes; send the whole file";
        }
        if (ImageHeader.Read(data, out var format) is not { } header)
        {
            return format is null
                ? $"the {data.Length} bytes sent as {media} are no JPEG, PNG or GIF; send an encoded image, not raw pixels or text"
                : $"the {format.ToUpperInvariant()} image ends after {data.Length} bytes, before its size is told; send the whole file";
        }
        if (header.Format != promised)
        {
            return $"the image was sent as {media} and is a {header.Format.ToUpperInvariant()}; send it as image/{header.Format}";
        }
        if (header.Width < ShortestSide || header.Height < ShortestSide)
        {
            return $"the image is {header.Width}x{header.Height} pixels; send at least {ShortestSide}x{ShortestSide}";
        }
        if (header.Width > LongestSide || header.Height > LongestSide || (long)header.Width * header.Height > MostPixels)
        {
            return $"the image is {header.Width}x{header.Height} pixels, and at most {LongestSide} a side and {MostPixels} in all are decoded; scale it down before sending";
        }
        if (Math.Max(header.Width, header.Height) > MostProportion * Math.Min(header.Width, header.Height))
        {
            return $"the image is {header.Width}x{header.Height} pixels, and a side may be at most {MostProportion} times the other; send the part that matters";
        }
        return header.Complete ? null : $"the {header.Format.ToUpperInvariant()} image is cut off: its end mark is not in its {data.Length} bytes; send the whole file";
    }
}
