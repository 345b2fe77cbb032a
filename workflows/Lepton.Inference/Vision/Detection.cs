namespace Lepton.Inference.Vision;

/// <summary>A box as a decoder finds it: upper left corner and size in pixels, score 0..1, index of the label.</summary>
internal readonly record struct Detection(float X, float Y, float Width, float Height, float Score, int Label)
{
    /// <summary>Shared area over joint area, 0..1.</summary>
    public float Overlap(in Detection other)
    {
        var width = Math.Min(X + Width, other.X + other.Width) - Math.Max(X, other.X);
        var height = Math.Min(Y + Height, other.Y + other.Height) - Math.Max(Y, other.Y);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }
        var shared = width * height;
        return shared / (Width * Height + other.Width * other.Height - shared);
    }
}
