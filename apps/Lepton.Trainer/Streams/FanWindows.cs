namespace Lepton.Trainer.Streams;

// Vibration of a fan whose weights sit in one of three ways, in windows of 100 samples. The edge sees the strength of each axis and the speed; the cloud also
// how the strength is spread over frequencies, and how peaked it is.
internal static class FanWindows
{
    private const int Window = 100, Step = 50, Bands = 10, BinsPerBand = 5;

    internal static Table Read(string path)
    {
        var windows = new List<(float[] Edge, float[] Cloud, int Label)>();
        try
        {
            foreach (var run in Runs(path))
            {
                for (var at = 0; at + Window <= run.Axes[0].Count; at += Step)
                {
                    var axes = run.Axes.Select(axis => axis.GetRange(at, Window).ToArray()).ToArray();
                    float[] edge = [.. axes.Select(Strength), run.Speed];
                    windows.Add((edge, [.. edge, .. axes.SelectMany(Spectrum), .. axes.Select(Peakedness)], run.Label));
                }
            }
        }
        catch (Exception error) when (error is FormatException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}' is not the table that its name says: {error.Message} Compare it with SOURCES.md beside it.");
        }

        return new("fan", 3, [.. windows.Select(window => window.Edge)], [.. windows.Select(window => window.Cloud)], [.. windows.Select(window => window.Label)]);
    }

    private static IEnumerable<Run> Runs(string path)
    {
        Run? run = null;
        foreach (var row in Tables.Rows(path))
        {
            var (label, speed) = (int.Parse(row[0]) - 1, Tables.Number(row[1]));
            if (run is null || (run.Label, run.Speed) != (label, speed))
            {
                if (run is not null)
                {
                    yield return run;
                }

                run = new Run(label, speed, [[], [], []]);
            }

            for (var axis = 0; axis < 3; axis++)
            {
                run.Axes[axis].Add(Tables.Number(row[2 + axis]));
            }
        }

        if (run is not null)
        {
            yield return run;
        }
    }

    private static float Strength(float[] samples)
    {
        var mean = samples.Average();
        return MathF.Sqrt(samples.Average(x => (x - mean) * (x - mean)));
    }

    private static float Peakedness(float[] samples)
    {
        float mean = samples.Average(), strength = Math.Max(Strength(samples), 1e-9f);
        return samples.Average(x => MathF.Pow((x - mean) / strength, 4));
    }

    // A plain transform: windows are short. Bins 1 to 50, five a band.
    private static IEnumerable<float> Spectrum(float[] samples)
    {
        var mean = samples.Average();
        for (var band = 0; band < Bands; band++)
        {
            var power = 0.0;
            for (var bin = (band * BinsPerBand) + 1; bin <= (band + 1) * BinsPerBand; bin++)
            {
                double real = 0, imaginary = 0;
                for (var i = 0; i < samples.Length; i++)
                {
                    var (sine, cosine) = Math.SinCos(2 * Math.PI * bin * i / samples.Length);
                    real += (samples[i] - mean) * cosine;
                    imaginary += (samples[i] - mean) * sine;
                }

                power += (real * real) + (imaginary * imaginary);
            }

            yield return (float)Math.Log(power + 1e-9);
        }
    }

    private sealed record Run(int Label, float Speed, List<float>[] Axes);
}
