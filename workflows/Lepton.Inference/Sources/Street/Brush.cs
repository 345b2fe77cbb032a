using OpenCvSharp;

namespace Lepton.Inference.Sources.Street;

/// <summary>Draws one road user's shapes, given in metres from its rear wheel's ground point, on the picture and on its mask at once: the mask is the exact silhouette.</summary>
internal sealed class Brush(Mat picture, Mat mask)
{
    // OpenCV draws with 4 fractional bits: a slow walker moves by less than a pixel between frames.
    private const int Shift = 4;
    private const double One = 1 << Shift;

    private double x0, y0, scale, direction;
    private Scalar light;
    private readonly Point[][] polygon = [[]];

    /// <summary>Puts the brush at a ground point; <paramref name="facing"/> is 1 or -1, <paramref name="ambient"/> multiplies every colour.</summary>
    public void MoveTo(double x, double y, double pixelsPerMetre, int facing, Scalar ambient) =>
        (x0, y0, scale, direction, light) = (x, y, pixelsPerMetre, facing, ambient);

    public void Shape(Scalar colour, params ReadOnlySpan<(double X, double Y)> corners)
    {
        var points = new Point[corners.Length];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = At(corners[i].X, corners[i].Y);
        }
        polygon[0] = points;
        Cv2.FillPoly(picture, polygon, Lit(colour), LineTypes.AntiAlias, Shift);
        Cv2.FillPoly(mask, polygon, Scalar.White, LineTypes.Link8, Shift);
    }

    public void Block(Scalar colour, double left, double bottom, double right, double top) =>
        Shape(colour, (left, bottom), (right, bottom), (right, top), (left, top));

    public void Disc(Scalar colour, double x, double y, double radius)
    {
        var pixels = (int)(radius * scale * One);
        Cv2.Circle(picture, At(x, y), pixels, Lit(colour), -1, LineTypes.AntiAlias, Shift);
        Cv2.Circle(mask, At(x, y), pixels, Scalar.White, -1, LineTypes.Link8, Shift);
    }

    public void Ring(Scalar colour, double x, double y, double radius)
    {
        var pixels = (int)(radius * scale * One);
        Cv2.Circle(picture, At(x, y), pixels, Lit(colour), 1, LineTypes.AntiAlias, Shift);
        Cv2.Circle(mask, At(x, y), pixels, Scalar.White, 1, LineTypes.Link8, Shift);
    }

    public void Bar(Scalar colour, double ax, double ay, double bx, double by, double width)
    {
        var pixels = Math.Max(1, (int)Math.Round(width * scale));
        Cv2.Line(picture, At(ax, ay), At(bx, by), Lit(colour), pixels, LineTypes.AntiAlias, Shift);
        Cv2.Line(mask, At(ax, ay), At(bx, by), Scalar.White, pixels, LineTypes.Link8, Shift);
    }

    /// <summary>A lamp shines by itself: drawn on the picture alone, whatever the ambient light.</summary>
    public void Lamp(Scalar colour, double x, double y, double radius) =>
        Cv2.Circle(picture, At(x, y), Math.Max((int)One, (int)(radius * scale * One)), colour, -1, LineTypes.AntiAlias, Shift);

    private Point At(double x, double y) => new((int)((x0 + direction * x * scale) * One), (int)((y0 - y * scale) * One));

    private Scalar Lit(Scalar colour) => new(colour.Val0 * light.Val0, colour.Val1 * light.Val1, colour.Val2 * light.Val2);
}
