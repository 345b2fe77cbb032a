using OpenCvSharp;

namespace Lepton.Inference.Sources.Street;

/// <summary>An object in a rendered frame: known exactly, because it was drawn.</summary>
/// <param name="Label">person, bicycle, car, van, truck or bus.</param>
/// <param name="X">Left edge, pixels.</param>
/// <param name="Y">Top edge, pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Visible">Share of it that can be seen, 0..1: less where something stands before it or the picture ends.</param>
public readonly record struct SceneObject(string Label, int X, int Y, int Width, int Height, double Visible);

/// <summary>One rendered frame.</summary>
/// <param name="Jpeg">The picture, 480x288.</param>
/// <param name="Objects">What is in it; for the report only, never for a node.</param>
/// <param name="Seconds">Since the scene began.</param>
/// <param name="Night">Whether it is dark.</param>
public sealed record SceneFrame(byte[] Jpeg, IReadOnlyList<SceneObject> Objects, double Seconds, bool Night);

/// <summary>
/// A street seen by one camera, rendered: vehicles, cyclists and people, shadows, noise, day and night, one object before another.
/// The same seed and camera give the same frames. Not safe for use by two threads at once.
/// </summary>
public sealed class StreetScene : IDisposable
{
    /// <summary>From this visible share on an object counts: a detector should find it. Below, finding it is neither right nor wrong.</summary>
    public const double CountsFrom = 0.4;

    private static readonly string[] Labels = [.. Enum.GetNames<RoadUserKind>().Select(name => name.ToLowerInvariant())];
    private static readonly ImageEncodingParam[] Quality = [new(ImwriteFlags.JpegQuality, 80)];

    private readonly Scenery scenery;
    private readonly Traffic traffic;
    private readonly NoiseBank noise;
    private readonly Random dice;
    private readonly double step, phase, lean;
    private readonly Mat picture = new(Scenery.Height, Scenery.Width, MatType.CV_8UC3);
    private readonly Mat layer = new(Scenery.Height, Scenery.Width, MatType.CV_8UC3);
    private readonly Mat cover = new(Scenery.Height, Scenery.Width, MatType.CV_8UC1);
    private readonly Mat beam;
    private readonly List<Mat> masks = [];
    private double seconds;

    /// <summary>Opens the camera; the street is already busy in the first frame.</summary>
    /// <param name="seed">The scene's seed.</param>
    /// <param name="camera">Which camera of the scene: each looks at another street.</param>
    /// <param name="framesPerSecond">How much time passes between two frames.</param>
    public StreetScene(int seed, int camera = 0, double framesPerSecond = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        dice = new Random(unchecked(seed * 1_000_003 + camera * 7919 + 17));
        step = 1 / framesPerSecond;
        scenery = new Scenery(dice);
        traffic = new Traffic(scenery.Lanes, Scenery.Width, dice);
        noise = new NoiseBank(Scenery.Width, Scenery.Height, dice);
        phase = dice.NextDouble();
        lean = (dice.NextDouble() - 0.5) * 1.6;
        beam = HeadlightBeam();
        traffic.Advance(25);
    }

    /// <summary>Lets time pass and renders the next frame.</summary>
    public SceneFrame Next()
    {
        Skip(1);
        var light = Daylight.At(seconds, phase);
        DrawStreet(light);
        var drawn = DrawUsers(light);
        DrawFront(light);
        noise.AddTo(picture, 2.5 + 4.5 * light.Dark, dice);
        Cv2.ImEncode(".jpg", picture, out var jpeg, Quality);
        return new SceneFrame(jpeg, Visible(drawn), seconds, light.Night);
    }

    /// <summary>Lets the time of <paramref name="frames"/> frames pass without rendering them.</summary>
    public void Skip(int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            seconds += step;
            traffic.Advance(step);
        }
    }

    private void DrawStreet(Daylight light)
    {
        // A camera's exposure is never quite steady.
        var exposure = 1 + 0.012 * (dice.NextDouble() - 0.5);
        var ambient = light.Ambient();
        Cv2.Multiply(scenery.Ground, new Scalar(ambient.Val0 * exposure, ambient.Val1 * exposure, ambient.Val2 * exposure), picture);
        if (light.Dark > 0.02)
        {
            Cv2.AddWeighted(picture, 1, scenery.LampLight, light.Dark * 0.8, 0, picture);
        }
        if (light.Sun > 0.3)
        {
            DrawShadows(0.45 * (light.Sun - 0.3) / 0.7);
        }
        if (light.Dark > 0.4)
        {
            foreach (var user in traffic.Users.SelectMany(users => users).Where(user => user.Kind > RoadUserKind.Bicycle))
            {
                DrawBeam(user);
            }
        }
    }

    private void DrawShadows(double depth)
    {
        cover.SetTo(Scalar.Black);
        foreach (var user in traffic.Users.SelectMany(users => users))
        {
            var (rear, ground) = Place(user);
            var (length, height) = (user.Length * user.Lane.Scale * user.Direction, user.Height * user.Lane.Scale);
            var (shift, drop) = (lean * height * 0.6, height * 0.16 + 2);
            Cv2.FillPoly(cover, [[new Point(rear, ground - 2), new(rear + length, ground - 2), new(rear + length + shift, ground + drop), new(rear + shift, ground + drop)]], Scalar.White);
        }
        picture.ConvertTo(layer, MatType.CV_8UC3, 1 - depth);
        layer.CopyTo(picture, cover);
    }

    private void DrawBeam(RoadUser user)
    {
        var (rear, ground) = Place(user);
        var scale = user.Lane.Scale;
        var nose = rear + user.Length * scale * user.Direction;
        var (width, height) = ((int)(5.5 * scale), (int)(0.9 * scale));
        var box = new Rect((int)(user.Direction > 0 ? nose : nose - width), (int)(ground - height / 2), width, height);
        var inside = box & new Rect(0, 0, picture.Width, picture.Height);
        if (inside.Width <= 0 || inside.Height <= 0)
        {
            return;
        }
        using var sized = beam.Resize(box.Size, 0, 0, InterpolationFlags.Area);
        using var part = sized[new Rect(inside.X - box.X, inside.Y - box.Y, inside.Width, inside.Height)];
        using var target = picture[inside];
        Cv2.Add(target, part, target);
    }

    private List<(RoadUser User, Mat Mask)> DrawUsers(Daylight light)
    {
        var drawn = new List<(RoadUser, Mat)>();
        foreach (var user in traffic.Users.SelectMany(users => users))
        {
            if (drawn.Count == masks.Count)
            {
                masks.Add(new Mat(Scenery.Height, Scenery.Width, MatType.CV_8UC1));
            }
            var mask = masks[drawn.Count];
            mask.SetTo(Scalar.Black);
            var (rear, ground) = Place(user);
            var middle = rear + user.Length * user.Lane.Scale * user.Direction / 2;
            var lamp = scenery.Lamps.Max(x => Math.Max(0, 1 - Math.Abs(x + 22 - middle) / 130));
            var brush = new Brush(picture, mask);
            brush.MoveTo(rear, ground, user.Lane.Scale, user.Direction, light.Ambient(light.Dark * lamp));
            RoadUserArt.Draw(brush, user, light.Dark > 0.4);
            drawn.Add((user, mask));
        }
        return drawn;
    }

    private void DrawFront(Daylight light)
    {
        Cv2.Multiply(scenery.Front, light.Ambient(), layer);
        layer.CopyTo(picture, scenery.FrontMask);
    }

    private List<SceneObject> Visible(List<(RoadUser User, Mat Mask)> drawn)
    {
        var objects = new List<SceneObject>();
        scenery.FrontMask.CopyTo(cover);
        // Nearest first: what a nearer one covers is gone for those behind it.
        for (var i = drawn.Count - 1; i >= 0; i--)
        {
            var (user, mask) = drawn[i];
            var box = Cv2.BoundingRect(mask);
            if (box.Width < 3 || box.Height < 3)
            {
                continue;
            }
            using var own = mask[box];
            using var covered = cover[box];
            using var hidden = new Mat();
            Cv2.BitwiseAnd(own, covered, hidden);
            var whole = Math.Max(1, Cv2.CountNonZero(own));
            var inPicture = Math.Min(1, box.Width / (user.Length * user.Lane.Scale * 0.85));
            var visible = inPicture * (whole - Cv2.CountNonZero(hidden)) / whole;
            Cv2.BitwiseOr(own, covered, covered);
            objects.Add(new SceneObject(Labels[(int)user.Kind], box.X, box.Y, box.Width, box.Height, visible));
        }
        return objects;
    }

    private static (double Rear, double Ground) Place(RoadUser user)
    {
        var (scale, rear) = (user.Lane.Scale, user.Front - user.Length);
        var x = user.Direction > 0 ? rear * scale : Scenery.Width - rear * scale;
        return (x, user.Lane.GroundAt(x + user.Length * scale * user.Direction / 2));
    }

    private static Mat HeadlightBeam()
    {
        var soft = new Mat(48, 160, MatType.CV_8UC3, Scalar.Black);
        Cv2.Ellipse(soft, new Point(80, 24), new Size(58, 12), 0, 0, 360, new Scalar(70, 95, 100), -1);
        Cv2.GaussianBlur(soft, soft, new Size(31, 15), 0);
        return soft;
    }

    /// <summary>Frees the pictures.</summary>
    public void Dispose()
    {
        scenery.Dispose();
        noise.Dispose();
        beam.Dispose();
        picture.Dispose();
        layer.Dispose();
        cover.Dispose();
        masks.ForEach(mask => mask.Dispose());
    }
}
