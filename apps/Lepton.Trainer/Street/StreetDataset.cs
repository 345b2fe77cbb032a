using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Lepton.Inference.Sources.Street;
using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Trainer.Street;

/// <summary>
/// `dataset street`: frames and crops of rendered streets for the training scripts. Writes below the folder given:
/// frames.bin (8-bit, 192 x 320 x 3, blue green red), frames.csv (frame, label, x, y, width, height, visible; pixels of frames.bin),
/// crops.bin (8-bit, 4 x 32 x 48) and crops.csv (class, five measures, then how the true box lies to the blob: shift of its middle in blob sizes, logarithm of the size ratio).
/// </summary>
internal static class StreetDataset
{
    /// <summary>What a blob can be besides one road user.</summary>
    private const string Unclear = "unclear", Nothing = "nothing";
    private const int FrameWidth = 320, FrameHeight = 192, FramesPerScene = 150, FrameEvery = 7, CropsEvery = 3;

    /// <summary>Renders <paramref name="scenes"/> streets with seeds from <paramref name="firstSeed"/> on.</summary>
    public static void Write(string folder, int firstSeed, int scenes)
    {
        Directory.CreateDirectory(folder);
        using var frames = File.Create(Path.Combine(folder, "frames.bin"));
        using var crops = File.Create(Path.Combine(folder, "crops.bin"));
        using var frameTable = new StreamWriter(Path.Combine(folder, "frames.csv"));
        using var cropTable = new StreamWriter(Path.Combine(folder, "crops.csv"));
        using var input = new Mat(FrameHeight, FrameWidth, MatType.CV_8UC3);
        var bytes = new byte[FrameWidth * FrameHeight * 3];
        var frame = 0;
        for (var scene = 0; scene < scenes; scene++)
        {
            using var motions = new MotionBlobs();
            // Cameras differ in their rate, and so does what their background model sees.
            using var street = new StreetScene(firstSeed + scene, 0, scene % 3 == 0 ? 2.5 : 5);
            for (var i = 0; i < FramesPerScene; i++)
            {
                var next = street.Next();
                using var picture = Cv2.ImDecode(next.Jpeg, ImreadModes.Color);
                using var motion = motions.Find("camera", picture);
                if (motion.Settled && i % CropsEvery == 0)
                {
                    WriteCrops(crops, cropTable, picture, motion, next.Objects);
                }
                if (i % FrameEvery == FrameEvery / 2)
                {
                    var framing = Framing.Letterbox(picture, input, InterpolationFlags.Area);
                    Marshal.Copy(input.Data, bytes, 0, bytes.Length);
                    frames.Write(bytes);
                    WriteObjects(frameTable, frame++, framing, next.Objects);
                }
            }
            if (scene % 20 == 19)
            {
                Console.WriteLine($"{scene + 1} of {scenes} streets, {frame} frames");
            }
        }
    }

    private static void WriteObjects(StreamWriter table, int frame, Framing framing, IReadOnlyList<SceneObject> objects)
    {
        foreach (var seen in objects)
        {
            table.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{frame},{seen.Label},{seen.X * framing.ScaleX:0.##},{seen.Y * framing.ScaleY:0.##},{seen.Width * framing.ScaleX:0.##},{seen.Height * framing.ScaleY:0.##},{seen.Visible:0.###}"));
        }
    }

    private static void WriteCrops(FileStream crops, StreamWriter table, Mat picture, Motion motion, IReadOnlyList<SceneObject> objects)
    {
        Span<float> planes = new float[BlobCrops.Channels * BlobCrops.Height * BlobCrops.Width];
        Span<float> measures = stackalloc float[BlobCrops.Measures];
        Span<byte> bytes = new byte[planes.Length];
        foreach (var blob in motion.Blobs)
        {
            BlobCrops.Write(picture, motion, blob, planes);
            BlobCrops.Measure(picture, motion, blob, measures);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)Math.Round(planes[i] * 255);
            }
            crops.Write(bytes);
            var (label, truth) = ClassOf(blob, objects);
            var line = new StringBuilder(label);
            foreach (var measure in measures)
            {
                line.Append(CultureInfo.InvariantCulture, $",{measure:0.#####}");
            }
            line.Append(CultureInfo.InvariantCulture, $",{(truth.X + truth.Width / 2 - blob.X - blob.Width / 2f) / blob.Width:0.####},{(truth.Y + truth.Height / 2 - blob.Y - blob.Height / 2f) / blob.Height:0.####}");
            line.Append(CultureInfo.InvariantCulture, $",{Math.Log(truth.Width / blob.Width):0.####},{Math.Log(truth.Height / blob.Height):0.####}");
            table.WriteLine(line);
        }
    }

    /// <summary>The label and box of the one road user that the blob shows; `unclear` for small parts and groups, `nothing` for shadows, beams and noise.</summary>
    private static (string Label, Detection Truth) ClassOf(Rect blob, IReadOnlyList<SceneObject> objects)
    {
        var box = new Detection(blob.X, blob.Y, blob.Width, blob.Height, 1, 0);
        var (label, truth) = (Unclear, box);
        var (best, touched, inside) = (0f, false, 0);
        foreach (var seen in objects)
        {
            var other = new Detection(seen.X, seen.Y, seen.Width, seen.Height, 1, 0);
            var overlap = box.Overlap(other);
            var shared = overlap * (box.Width * box.Height + other.Width * other.Height) / (1 + overlap);
            touched |= shared > 0.15 * Math.Min(box.Width * box.Height, other.Width * other.Height);
            inside += seen.Visible >= StreetScene.CountsFrom && shared > 0.5 * other.Width * other.Height ? 1 : 0;
            if (overlap > best)
            {
                (label, truth, best) = (seen.Label, other, overlap);
            }
        }
        return best >= 0.35 && inside <= 1 ? (label, truth) : (touched ? Unclear : Nothing, box);
    }
}
