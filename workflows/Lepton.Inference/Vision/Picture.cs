using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>Decodes admitted image bytes.</summary>
internal static class Picture
{
    /// <summary>The picture as blue, green, red, of an animation the first frame; null with a sentence when it cannot be decoded.</summary>
    public static Mat? Decode(ReadOnlySpan<byte> data, out string problem)
    {
        problem = "";
        try
        {
            var picture = Cv2.ImDecode(data, ImreadModes.Color);
            if (!picture.Empty())
            {
                return picture;
            }
            picture.Dispose();
        }
        catch (OpenCVException)
        {
            // The same cure as for an empty picture: what OpenCV says of its own source lines helps nobody.
        }
        problem = $"the image of {data.Length} bytes cannot be decoded: its content is damaged; send it again as the camera made it";
        return null;
    }
}
