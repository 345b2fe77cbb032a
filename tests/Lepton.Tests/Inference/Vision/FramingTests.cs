using Lepton.Inference.Vision;
using OpenCvSharp;

namespace Lepton.Tests.Inference.Vision;

public sealed class FramingTests
{
    [Fact]
    public void A_letterboxed_box_finds_its_way_back()
    {
        using var picture = new Mat(180, 320, MatType.CV_8UC3, new Scalar(10, 20, 30));
        using var input = new Mat(416, 416, MatType.CV_8UC3);

        var framing = Framing.Letterbox(picture, input, InterpolationFlags.Linear);

        Assert.Equal(1.3, framing.ScaleX, 1e-9);
        Assert.Equal(new Vec3b(10, 20, 30), input.At<Vec3b>(233, 415));
        Assert.Equal(new Vec3b(114, 114, 114), input.At<Vec3b>(234, 0));
        Assert.Equal(new Detection(100, 50, 60, 40, 0.5f, 2), framing.Back(new Detection(130, 65, 78, 52, 0.5f, 2)));
    }

    [Fact]
    public void A_box_beyond_the_picture_is_cut_at_its_edge()
    {
        using var picture = new Mat(100, 200, MatType.CV_8UC3);
        using var input = new Mat(50, 50, MatType.CV_8UC3);

        var framing = Framing.Stretch(picture, input, InterpolationFlags.Linear);

        Assert.Equal(new Detection(0, 80, 40, 20, 1, 0), framing.Back(new Detection(-5, 40, 15, 30, 1, 0)));
    }

    [Fact]
    public void Pixels_go_into_planes_through_their_channels_own_table()
    {
        using var picture = new Mat(2, 2, MatType.CV_8UC3, new Scalar(1, 2, 3));
        picture.Set(1, 0, new Vec3b(10, 20, 30));
        var planes = new float[12];
        float[] half = Planes.Table(0.5f, 0, 1), raw = Planes.Raw, shifted = Planes.Table(1, 2, 4);

        Planes.Write(picture, planes, half, raw, shifted, swap: false);
        Assert.Equal([0.5f, 0.5f, 5, 0.5f, 2, 2, 20, 2, 0.25f, 0.25f, 7, 0.25f], planes);

        Planes.Write(picture, planes, half, raw, shifted, swap: true);
        Assert.Equal([1.5f, 1.5f, 15, 1.5f, 2, 2, 20, 2, -0.25f, -0.25f, 2, -0.25f], planes);
    }
}
