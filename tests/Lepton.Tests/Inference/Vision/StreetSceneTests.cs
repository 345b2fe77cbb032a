using Lepton.Inference.Sources.Street;
using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Tests.Inference.Vision;

public sealed class StreetSceneTests
{
    [Fact]
    public void The_same_seed_and_camera_give_the_same_frames()
    {
        using StreetScene one = new(7, 1), two = new(7, 1), other = new(8, 1), elsewhere = new(7, 2);
        for (var i = 0; i < 3; i++)
        {
            var (a, b) = (one.Next(), two.Next());
            Assert.Equal(a.Jpeg, b.Jpeg);
            Assert.Equal(a.Objects, b.Objects);
        }
        var frame = one.Next();
        Assert.NotEqual(frame.Jpeg, other.Next().Jpeg);
        Assert.NotEqual(frame.Jpeg, elsewhere.Next().Jpeg);
    }

    [Fact]
    public void All_kinds_are_seen_by_day_and_by_night_within_the_picture()
    {
        var kinds = new HashSet<string>();
        var (nights, hidden) = (0, 0);
        for (var seed = 1; seed <= 6; seed++)
        {
            using var street = new StreetScene(seed, 0, framesPerSecond: 0.5);
            for (var i = 0; i < 25; i++)
            {
                var frame = street.Next();
                nights += frame.Night ? 1 : 0;
                foreach (var seen in frame.Objects)
                {
                    kinds.Add(seen.Label);
                    hidden += seen.Visible < 0.9 ? 1 : 0;
                    Assert.InRange(seen.X, 0, 480 - seen.Width);
                    Assert.InRange(seen.Y, 0, 288 - seen.Height);
                    Assert.InRange(seen.Visible, 0, 1);
                }
            }
        }
        Assert.Equal(["bicycle", "bus", "car", "person", "truck", "van"], kinds.Order());
        Assert.InRange(nights, 20, 130);
        Assert.True(hidden > 20, $"only {hidden} objects were partly hidden");
    }

    [Fact]
    public void A_box_is_where_the_object_was_drawn()
    {
        // What moves between two frames a tenth of a second apart lies inside the boxes: outside, only noise and shadows (up to 95 grey levels on a white line) differ (seed 1's camera looks at a street by day).
        using var street = new StreetScene(1, 0, framesPerSecond: 10);
        var (inside, outside) = (0.0, 0.0);
        var before = Decode(street.Next(), out var old);
        for (var i = 0; i < 20; i++)
        {
            var now = Decode(street.Next(), out var objects);
            using var difference = new Mat();
            Cv2.Absdiff(before, now, difference);
            Cv2.Threshold(difference, difference, 100, 1, ThresholdTypes.Binary);
            var all = Cv2.Sum(difference).Val0;
            foreach (var box in old.Concat(objects))
            {
                using var part = difference[box.Y, box.Y + box.Height, box.X, box.X + box.Width];
                inside += Cv2.Sum(part).Val0;
                part.SetTo(Scalar.Black);
            }
            outside += Cv2.Sum(difference).Val0;
            Assert.True(all >= 0);
            before.Dispose();
            (before, old) = (now, objects);
        }
        before.Dispose();
        Assert.True(inside > 500, $"only {inside} pixels moved in the boxes");
        Assert.True(outside < 0.05 * inside, $"{outside} pixels moved outside of the boxes, {inside} inside");
    }

    private static Mat Decode(SceneFrame frame, out IReadOnlyList<SceneObject> objects)
    {
        objects = frame.Objects;
        return Cv2.ImDecode(frame.Jpeg, ImreadModes.Grayscale);
    }
}
