using OpenCvSharp;

namespace Lepton.Inference.Sources.Street;

/// <summary>What does not move: the street one camera sees, drawn once, and its lanes.</summary>
internal sealed class Scenery : IDisposable
{
    public const int Width = 480, Height = 288;

    /// <summary>By daylight, without road users.</summary>
    public Mat Ground { get; } = new(Height, Width, MatType.CV_8UC3);
    /// <summary>Trunks and posts between camera and road, and where they are.</summary>
    public Mat Front { get; } = new(Height, Width, MatType.CV_8UC3, Scalar.Black);
    public Mat FrontMask { get; } = new(Height, Width, MatType.CV_8UC1, Scalar.Black);
    /// <summary>Light of the street lamps at full night.</summary>
    public Mat LampLight { get; } = new(Height, Width, MatType.CV_8UC3, Scalar.Black);
    public double[] Lamps { get; }
    public Lane[] Lanes { get; }

    public Scenery(Random dice)
    {
        double Between(double low, double high) => low + dice.NextDouble() * (high - low);
        var slope = Between(-0.035, 0.035);
        var far = Between(13.5, 16.5);
        var near = far + Between(3.5, 5.5);
        var farRoad = Between(150, 166) - slope * Width / 2;
        var nearRoad = farRoad + Between(44, 52);
        (RoadUserKind, double)[] vehicles = [(RoadUserKind.Car, 0.5), (RoadUserKind.Van, 0.2), (RoadUserKind.Truck, 0.16), (RoadUserKind.Bus, 0.14)];
        (RoadUserKind, double)[] people = [(RoadUserKind.Person, 1)];
        (RoadUserKind, double)[] cyclists = [(RoadUserKind.Bicycle, 1)];
        var busy = Between(0.45, 0.9);
        Lanes =
        [
            new Lane(farRoad - 26, slope, far - 0.5, 0, 0.028 * busy, people, Stops: false),
            new Lane(farRoad, slope, far, -1, 0.15 * busy, vehicles, Stops: true),
            new Lane(nearRoad, slope, near, 1, 0.15 * busy, vehicles, Stops: true),
            new Lane(nearRoad + 19, slope, near + 1, 1, 0.06 * busy, cyclists, Stops: false),
            new Lane(nearRoad + 52, slope, near + 2.5, 0, 0.028 * busy, people, Stops: false),
        ];
        Lamps = [Between(60, 180), Between(280, 430)];
        DrawGround(dice, slope, farRoad, nearRoad);
        DrawFront(dice);
        DrawLampLight(nearRoad);
    }

    private void DrawGround(Random dice, double slope, double farRoad, double nearRoad)
    {
        double Between(double low, double high) => low + dice.NextDouble() * (high - low);
        Ground.SetTo(new Scalar(Between(200, 240), Between(180, 210), Between(150, 190)));
        var walkTop = farRoad - 34;
        for (var x = -20.0; x < Width;)
        {
            var (w, top) = (Between(50, 130), Between(8, walkTop - 50));
            var wall = new Scalar(Between(70, 190), Between(70, 190), Between(80, 200));
            Strip(wall, x, x + w, top, walkTop + 10, 0);
            var glass = new Scalar(Between(70, 130), Between(60, 110), Between(40, 100));
            for (var wy = top + 8; wy < walkTop - 12; wy += 20)
            {
                for (var wx = x + 7; wx < x + w - 12; wx += 17)
                {
                    Strip(glass, wx, wx + 9, wy, wy + 12, 0);
                }
            }
            x += w;
        }
        var paving = Between(125, 175);
        var asphalt = Between(75, 115);
        Strip(Scalar.All(paving), 0, Width, walkTop, farRoad - 16, slope);
        Strip(Scalar.All(paving - 35), 0, Width, farRoad - 18, farRoad - 15, slope);
        Strip(new Scalar(asphalt + 4, asphalt, asphalt - 2), 0, Width, farRoad - 15, nearRoad + 27, slope);
        Strip(Scalar.All(paving - 30), 0, Width, nearRoad + 27, nearRoad + 31, slope);
        Strip(new Scalar(paving - 8, paving - 4, paving), 0, Width, nearRoad + 31, Height + 60, slope);
        var middle = (farRoad + nearRoad) / 2 - 7;
        for (var x = 5.0; x < Width; x += 46)
        {
            Strip(Scalar.All(205), x, x + 22, middle, middle + 2.5, slope);
        }
        Strip(Scalar.All(195), 0, Width, nearRoad + 8, nearRoad + 9.5, slope);
        // Paving stones and asphalt are never flat: a fixed grain, which the camera's own noise comes on top of.
        using var grain = new Mat(Height, Width, MatType.CV_8UC3);
        NoiseBank.Fill(grain, dice, 5);
        using var smooth = grain.GaussianBlur(new Size(3, 3), 0);
        Cv2.AddWeighted(Ground, 1, smooth, 1.6, -1.6 * 128, Ground);
    }

    private void DrawFront(Random dice)
    {
        foreach (var lamp in Lamps)
        {
            Post(new Scalar(70, 72, 70), lamp, 5, 20, Height);
            Cv2.Line(Front, new Point(lamp, 22), new Point(lamp + 22, 18), new Scalar(80, 82, 80), 4, LineTypes.AntiAlias);
            Cv2.Line(FrontMask, new Point(lamp, 22), new Point(lamp + 22, 18), Scalar.White, 4);
        }
        if (dice.NextDouble() < 0.6)
        {
            var (x, width) = (30 + dice.NextDouble() * (Width - 60), 9 + dice.NextDouble() * 8);
            Post(new Scalar(45, 65, 90), x, width, 30, Height);
            for (var leaf = 0; leaf < 14; leaf++)
            {
                var at = new Point(x + (dice.NextDouble() - 0.5) * 70, 30 + (dice.NextDouble() - 0.5) * 50);
                var green = new Scalar(40 + dice.Next(30), 90 + dice.Next(50), 50 + dice.Next(30));
                Cv2.Circle(Front, at, 12 + dice.Next(10), green, -1, LineTypes.AntiAlias);
                Cv2.Circle(FrontMask, at, 11 + dice.Next(10), Scalar.White, -1);
            }
            // Outside the drawn leaves the mask would let black through.
            using var drawn = Front.CvtColor(ColorConversionCodes.BGR2GRAY);
            Cv2.Threshold(drawn, drawn, 1, 255, ThresholdTypes.Binary);
            Cv2.BitwiseAnd(FrontMask, drawn, FrontMask);
        }
    }

    private void DrawLampLight(double nearRoad)
    {
        foreach (var lamp in Lamps)
        {
            Cv2.Ellipse(LampLight, new Point(lamp + 22, nearRoad), new Size(105, 62), 0, 0, 360, new Scalar(70, 110, 125), -1);
            Cv2.Circle(LampLight, new Point(lamp + 22, 18), 6, new Scalar(190, 240, 255), -1);
        }
        Cv2.Blur(LampLight, LampLight, new Size(41, 41));
    }

    private void Strip(Scalar colour, double left, double right, double top, double bottom, double slope) =>
        Cv2.FillPoly(Ground, [[new(left, top + slope * left), new(right, top + slope * right), new(right, bottom + slope * right), new Point(left, bottom + slope * left)]], colour);

    private void Post(Scalar colour, double x, double width, double top, double bottom)
    {
        var box = new Rect((int)x, (int)top, (int)width, (int)(bottom - top));
        Cv2.Rectangle(Front, box, colour, -1);
        Cv2.Rectangle(FrontMask, box, Scalar.White, -1);
    }

    public void Dispose()
    {
        Ground.Dispose();
        Front.Dispose();
        FrontMask.Dispose();
        LampLight.Dispose();
    }
}
