using OpenCvSharp;

namespace Lepton.Inference.Vision;

/// <summary>
/// Keeps one camera's pictures at the same brightness while the day goes by: a background model takes a change of light for motion.
/// What moves covers less than half of the picture, so the median of the change is the light's.
/// </summary>
internal sealed class LightLevel
{
    private const int Samples = 600;
    private const float Memory = 0.03f;

    private readonly float[] usual = new float[Samples * 3];
    private readonly float[] change = new float[Samples];
    private bool started;

    /// <summary>Multiplies the picture's channels so that its light is that of the first one.</summary>
    public void Level(Mat picture)
    {
        var gains = new double[3];
        for (var channel = 0; channel < 3; channel++)
        {
            gains[channel] = started ? Gain(picture, channel) : 1;
            Remember(picture, channel, (float)gains[channel]);
        }
        started = true;
        Cv2.Multiply(picture, new Scalar(gains[0], gains[1], gains[2]), picture);
    }

    private unsafe double Gain(Mat picture, int channel)
    {
        var pixels = (byte*)picture.Data;
        var step = Step(picture);
        for (var i = 0; i < Samples; i++)
        {
            change[i] = usual[channel * Samples + i] / Math.Max(4f, pixels[i * step * 3 + channel]);
        }
        Array.Sort(change);
        return Math.Clamp(change[Samples / 2], 0.2, 5);
    }

    private unsafe void Remember(Mat picture, int channel, float gain)
    {
        var pixels = (byte*)picture.Data;
        var step = Step(picture);
        for (var i = 0; i < Samples; i++)
        {
            ref var value = ref usual[channel * Samples + i];
            var now = pixels[i * step * 3 + channel] * gain;
            value = started ? value + Memory * (now - value) : now;
        }
    }

    private static int Step(Mat picture) => Math.Max(1, (int)picture.Total() / Samples);
}
