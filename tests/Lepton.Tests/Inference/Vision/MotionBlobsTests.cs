using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Tests.Inference.Vision;

public sealed class MotionBlobsTests
{
    [Fact]
    public void What_moves_before_a_known_background_is_one_blob()
    {
        using var motions = new MotionBlobs();
        for (var i = 0; i < 20; i++)
        {
            using var empty = Street();
            using var learnt = motions.Find("camera", empty);
            Assert.Equal(i >= 12, learnt.Settled);
        }
        using var picture = Street();
        var car = new Rect(200, 120, 60, 30);
        Cv2.Rectangle(picture, car, new Scalar(20, 20, 200), -1);

        using var motion = motions.Find("camera", picture);

        var blob = Assert.Single(motion.Blobs);
        Assert.InRange(Math.Abs(blob.X - car.X) + Math.Abs(blob.Right - car.Right) + Math.Abs(blob.Y - car.Y) + Math.Abs(blob.Bottom - car.Bottom), 0, 16);
    }

    [Fact]
    public void A_change_of_light_is_no_motion()
    {
        using var motions = new MotionBlobs();
        for (var i = 0; i < 60; i++)
        {
            using var picture = Street();
            // Dusk: down to a third within 40 frames.
            Cv2.Multiply(picture, Scalar.All(i < 20 ? 1 : 1 - (0.0165 * (i - 20))), picture);
            using var motion = motions.Find("camera", picture);
            Assert.True(i < 13 || motion.Blobs.Count == 0, $"{motion.Blobs.Count} blobs in frame {i}");
        }
    }

    [Fact]
    public void Only_the_devices_seen_last_are_remembered()
    {
        using var motions = new MotionBlobs(mostDevices: 3);
        using var picture = Street();
        foreach (var device in new[] { "a", "b", "c", "a", "d" })
        {
            motions.Find(device, picture).Dispose();
        }
        Assert.Equal(3, motions.Devices);
        for (var i = 0; i < 11; i++)
        {
            motions.Find("a", picture).Dispose();
        }
        // `a` was used again before `d` came, so `b` was forgotten and `a` is settled after its 13th frame.
        using var known = motions.Find("a", picture);
        using var forgotten = motions.Find("b", picture);
        Assert.True(known.Settled);
        Assert.False(forgotten.Settled);
    }

    private static Mat Street()
    {
        var picture = new Mat(288, 480, MatType.CV_8UC3, new Scalar(120, 125, 130));
        Cv2.Rectangle(picture, new Rect(0, 0, 480, 100), new Scalar(200, 180, 160), -1);
        return picture;
    }
}
