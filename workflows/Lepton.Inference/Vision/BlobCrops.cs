using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>Cuts a blob out for the crop classifier: the picture around it and, as a fourth channel, what moved there.</summary>
internal static class BlobCrops
{
    public const int Width = 48, Height = 32, Channels = 4, Measures = 5;

    /// <summary>Writes <see cref="Channels"/> x <see cref="Height"/> x <see cref="Width"/> values of 0..1 in planes (blue, green, red, motion).</summary>
    public static void Write(Mat picture, Motion motion, Rect blob, Span<float> planes)
    {
        // The margin shows what the blob lies on, and the parts of a road user that did not stand out from its background.
        var (mx, my) = (Math.Max(6, blob.Width / 3), Math.Max(6, blob.Height / 3));
        var around = new Rect(blob.X - mx, blob.Y - my, blob.Width + 2 * mx, blob.Height + 2 * my) & new Rect(0, 0, picture.Width, picture.Height);
        using var crop = picture[around];
        using var sized = crop.Resize(new Size(Width, Height), 0, 0, InterpolationFlags.Area);
        Planes.Write(sized, planes[..(3 * Height * Width)], Planes.UnitScale);
        var (left, top) = ((int)(around.Left * motion.Scale), (int)(around.Top * motion.Scale));
        var (right, bottom) = (Math.Min(motion.Mask.Width, (int)Math.Ceiling(around.Right * motion.Scale)), Math.Min(motion.Mask.Height, (int)Math.Ceiling(around.Bottom * motion.Scale)));
        using var moved = motion.Mask[new Rect(left, top, Math.Max(1, right - left), Math.Max(1, bottom - top))];
        using var movedSized = moved.Resize(new Size(Width, Height), 0, 0, InterpolationFlags.Area);
        Planes.Write(movedSized, planes[(3 * Height * Width)..], Planes.UnitScale);
    }

    /// <summary>Writes size and place of the blob as shares of the picture, and how much of its box moved: what stretching the crop to one size lost.</summary>
    public static void Measure(Mat picture, Motion motion, Rect blob, Span<float> measures)
    {
        measures[0] = (float)blob.Width / picture.Width;
        measures[1] = (float)blob.Height / picture.Height;
        measures[2] = (blob.X + blob.Width / 2f) / picture.Width;
        measures[3] = (float)blob.Bottom / picture.Height;
        var box = new Rect((int)(blob.X * motion.Scale), (int)(blob.Y * motion.Scale), Math.Max(1, (int)(blob.Width * motion.Scale)), Math.Max(1, (int)(blob.Height * motion.Scale)))
            & new Rect(0, 0, motion.Mask.Width, motion.Mask.Height);
        using var moved = motion.Mask[box];
        measures[4] = (float)Cv2.CountNonZero(moved) / Math.Max(1, box.Width * box.Height);
    }
}
