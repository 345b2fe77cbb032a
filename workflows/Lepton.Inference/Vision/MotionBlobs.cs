using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>What moved in one frame.</summary>
/// <param name="Blobs">Bounding boxes in the picture's own pixels.</param>
/// <param name="Mask">255 where something moved, at <paramref name="Scale"/> of the picture's size.</param>
/// <param name="Scale">Mask pixels per picture pixel.</param>
/// <param name="Settled">False while the background is still being learnt: then blobs mean little.</param>
internal sealed record Motion(IReadOnlyList<Rect> Blobs, Mat Mask, double Scale, bool Settled) : IDisposable
{
    public void Dispose() => Mask.Dispose();
}

/// <summary>
/// Background subtraction with one background per device, kept in memory for the devices seen last. A restarted node learns the background
/// anew, and says until then that its blobs are not settled.
/// </summary>
internal sealed class MotionBlobs(int mostDevices = 32) : IDisposable
{
    // A mixture model costs 60 bytes a pixel: at this width 3.7 MB a camera and less than 2 ms a frame.
    private const int WorkingWidth = 320;
    private const int SettledAfter = 12;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Background>> backgrounds = new(StringComparer.Ordinal);
    private readonly LinkedList<Background> lastUsed = new();

    /// <summary>Learns the frame and returns what moved in it. Frames of one device are looked at one after the other.</summary>
    public Motion Find(string device, Mat picture)
    {
        var background = Of(device);
        lock (background)
        {
            return background.Find(picture);
        }
    }

    public int Devices
    {
        get { lock (gate) { return backgrounds.Count; } }
    }

    private Background Of(string device)
    {
        lock (gate)
        {
            if (backgrounds.TryGetValue(device, out var known))
            {
                lastUsed.Remove(known);
                lastUsed.AddFirst(known);
                return known.Value;
            }
            if (backgrounds.Count == mostDevices)
            {
                var oldest = lastUsed.Last!;
                lastUsed.RemoveLast();
                backgrounds.Remove(oldest.Value.Device);
                oldest.Value.Forget();
            }
            return (backgrounds[device] = lastUsed.AddFirst(new Background(device))).Value;
        }
    }

    public void Dispose()
    {
        foreach (var background in lastUsed)
        {
            background.Forget();
        }
    }

    private sealed class Background(string device)
    {
        private static readonly Mat Speck = Cv2.GetStructuringElement(MorphShapes.Rect, new Size(2, 2));
        private static readonly Mat Gap = Cv2.GetStructuringElement(MorphShapes.Rect, new Size(5, 7));

        private BackgroundSubtractorMOG2? model;
        private LightLevel light = new();
        private Size size;
        private int frames;

        public string Device => device;

        public Motion Find(Mat picture)
        {
            var scale = Math.Min(1, (double)WorkingWidth / picture.Width);
            var working = new Size((int)Math.Round(picture.Width * scale), (int)Math.Round(picture.Height * scale));
            if (model is null || working != size)
            {
                // Another size is another camera setting: what was learnt does not fit it.
                model?.Dispose();
                model = BackgroundSubtractorMOG2.Create(history: 400, varThreshold: 20, detectShadows: true);
                model.NMixtures = 3;
                light = new LightLevel();
                (size, frames) = (working, 0);
            }
            using var small = new Mat();
            Cv2.Resize(picture, small, working, 0, 0, InterpolationFlags.Linear);
            Cv2.GaussianBlur(small, small, new Size(3, 3), 0);
            light.Level(small);
            var mask = new Mat();
            model.Apply(small, mask);
            frames++;
            // MOG2 marks shadows with 127: they are no part of what casts them.
            Cv2.Threshold(mask, mask, 200, 255, ThresholdTypes.Binary);
            Cv2.MorphologyEx(mask, mask, MorphTypes.Open, Speck);
            Cv2.MorphologyEx(mask, mask, MorphTypes.Close, Gap);
            return new Motion(Boxes(mask, scale, picture.Size()), mask, scale, frames > SettledAfter);
        }

        private static List<Rect> Boxes(Mat mask, double scale, Size picture)
        {
            var boxes = new List<Rect>();
            Cv2.FindContours(mask, out var contours, out _, RetrievalModes.External, ContourApproximationModes.ApproxSimple);
            foreach (var contour in contours)
            {
                var box = Cv2.BoundingRect(contour);
                if (box.Width * box.Height < 45 || box.Width < 4 || box.Height < 5)
                {
                    continue;
                }
                var (left, top) = ((int)(box.Left / scale), (int)(box.Top / scale));
                var (right, bottom) = ((int)Math.Ceiling(box.Right / scale), (int)Math.Ceiling(box.Bottom / scale));
                boxes.Add(new Rect(left, top, Math.Min(right, picture.Width) - left, Math.Min(bottom, picture.Height) - top));
            }
            return boxes;
        }

        public void Forget()
        {
            lock (this)
            {
                model?.Dispose();
                model = null;
            }
        }
    }
}
