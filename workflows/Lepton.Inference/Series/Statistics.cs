namespace Lepton.Inference.Series;

internal static class Statistics
{
    internal static float Mean(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (var sample in samples)
        {
            sum += sample;
        }
        return (float)(sum / samples.Length);
    }

    internal static float Deviation(ReadOnlySpan<float> samples) => (float)Math.Sqrt(Moment(samples, 2));

    // 3 for a normal distribution; 0 for a flat row.
    internal static float Kurtosis(ReadOnlySpan<float> samples) =>
        Moment(samples, 2) is > 1e-12 and var variance ? (float)(Moment(samples, 4) / (variance * variance)) : 0;

    private static double Moment(ReadOnlySpan<float> samples, int power)
    {
        double mean = Mean(samples), sum = 0;
        foreach (var sample in samples)
        {
            var square = (sample - mean) * (sample - mean);
            sum += power == 2 ? square : square * square;
        }
        return sum / samples.Length;
    }
}
