using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>How a picture was brought to a model's input size, so that boxes find the way back.</summary>
/// <param name="ScaleX">Input pixels per picture pixel, across.</param>
/// <param name="ScaleY">The same, down.</param>
/// <param name="Width">The picture's width.</param>
/// <param name="Height">The picture's height.</param>
internal readonly record struct Framing(double ScaleX, double ScaleY, int Width, int Height)
{
    private static readonly Scalar Pad = Scalar.All(114);

    /// <summary>Fills the whole input, whatever becomes of the proportions.</summary>
    public static Framing Stretch(Mat picture, Mat input, InterpolationFlags how)
    {
        Cv2.Resize(picture, input, input.Size(), 0, 0, how);
        return new Framing((double)input.Width / picture.Width, (double)input.Height / picture.Height, picture.Width, picture.Height);
    }

    /// <summary>Keeps the proportions: the picture in the upper left corner, grey where it does not reach.</summary>
    public static Framing Letterbox(Mat picture, Mat input, InterpolationFlags how)
    {
        var scale = Math.Min((double)input.Width / picture.Width, (double)input.Height / picture.Height);
        var size = new Size((int)(picture.Width * scale), (int)(picture.Height * scale));
        using var corner = input[new Rect(0, 0, size.Width, size.Height)];
        Cv2.Resize(picture, corner, size, 0, 0, how);
        if (size.Width < input.Width)
        {
            using var right = input[new Rect(size.Width, 0, input.Width - size.Width, input.Height)];
            right.SetTo(Pad);
        }
        if (size.Height < input.Height)
        {
            using var below = input[new Rect(0, size.Height, input.Width, input.Height - size.Height)];
            below.SetTo(Pad);
        }
        return new Framing(scale, scale, picture.Width, picture.Height);
    }

    /// <summary>A box of the input in picture pixels, cut at the picture's edges.</summary>
    public Detection Back(in Detection box)
    {
        var left = Math.Clamp(box.X / ScaleX, 0, Width);
        var top = Math.Clamp(box.Y / ScaleY, 0, Height);
        var right = Math.Clamp((box.X + box.Width) / ScaleX, 0, Width);
        var bottom = Math.Clamp((box.Y + box.Height) / ScaleY, 0, Height);
        return box with { X = (float)left, Y = (float)top, Width = (float)(right - left), Height = (float)(bottom - top) };
    }
}
