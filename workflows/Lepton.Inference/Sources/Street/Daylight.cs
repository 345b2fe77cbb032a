using OpenCvSharp;

namespace Lepton.Inference.Sources.Street;

/// <summary>The light at one moment of a day that lasts four minutes, so that a short run sees night too.</summary>
internal readonly record struct Daylight(double Sun)
{
    private const double DaySeconds = 240;

    /// <param name="seconds">Since the scene began.</param>
    /// <param name="phase">0..1, the hour at which it began.</param>
    public static Daylight At(double seconds, double phase)
    {
        // Clipped and stretched: most of the time is plain day or plain night, dusk is short.
        var height = Math.Sin(2 * Math.PI * (phase + seconds / DaySeconds)) + 0.35;
        return new Daylight(Math.Clamp(height * 2 + 0.5, 0, 1));
    }

    public double Dark => 1 - Sun;
    public bool Night => Sun < 0.25;

    /// <summary>What every colour is multiplied with, blue, green, red.</summary>
    public Scalar Ambient(double extra = 0) => new(0.36 + 0.64 * Sun + 0.25 * extra, 0.28 + 0.72 * Sun + 0.38 * extra, 0.26 + 0.74 * Sun + 0.42 * extra);
}
