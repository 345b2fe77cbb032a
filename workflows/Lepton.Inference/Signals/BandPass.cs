namespace Lepton.Inference.Signals;

/// <summary>Zero-phase band-pass filter: a second-order high-pass and low-pass Butterworth section, run forwards and backwards.</summary>
internal static class BandPass
{
    internal static float[] Apply(ReadOnlySpan<float> signal, double rate, double low, double high)
    {
        var output = signal.ToArray();
        foreach (var section in (ReadOnlySpan<Section>)[Section.HighPass(rate, low), Section.LowPass(rate, high)])
        {
            section.Run(output);
            Array.Reverse(output);
            section.Run(output);
            Array.Reverse(output);
        }
        return output;
    }

    private readonly record struct Section(double B0, double B1, double B2, double A1, double A2)
    {
        internal static Section HighPass(double rate, double cut)
        {
            var (cos, alpha) = Angle(rate, cut);
            return Normalised((1 + cos) / 2, -(1 + cos), (1 + cos) / 2, cos, alpha);
        }

        internal static Section LowPass(double rate, double cut)
        {
            var (cos, alpha) = Angle(rate, cut);
            return Normalised((1 - cos) / 2, 1 - cos, (1 - cos) / 2, cos, alpha);
        }

        internal void Run(float[] samples)
        {
            // Starting in the steady state of the first sample keeps a lead's offset from ringing into its first second.
            double x = samples.Length > 0 ? samples[0] : 0, gain = (B0 + B1 + B2) / (1 + A1 + A2);
            double y1 = x * gain, y2 = y1, x1 = x, x2 = x;
            for (var i = 0; i < samples.Length; i++)
            {
                x = samples[i];
                var y = B0 * x + B1 * x1 + B2 * x2 - A1 * y1 - A2 * y2;
                (x2, x1, y2, y1) = (x1, x, y1, y);
                samples[i] = (float)y;
            }
        }

        private static (double Cos, double Alpha) Angle(double rate, double cut)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * cut / rate);
            return (cos, sin / Math.Sqrt(2));
        }

        private static Section Normalised(double b0, double b1, double b2, double cos, double alpha) =>
            new(b0 / (1 + alpha), b1 / (1 + alpha), b2 / (1 + alpha), -2 * cos / (1 + alpha), (1 - alpha) / (1 + alpha));
    }
}
