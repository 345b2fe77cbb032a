namespace Lepton.Inference.Signals;

/// <summary>Pairs detected peaks with annotated beats, for reports only.</summary>
public static class BeatMatcher
{
    /// <summary>The widest distance in seconds at which a detection counts as an annotated beat (ANSI/AAMI EC57: 150 ms).</summary>
    public const double Tolerance = 0.15;

    /// <summary>For each peak the index of its annotation, or -1 for an extra detection; each annotation is used once, closest pairs first.</summary>
    /// <param name="peaks">Detected sample indices, in order.</param>
    /// <param name="annotations">Annotated beats, in order.</param>
    /// <param name="rate">Samples per second.</param>
    public static int[] Match(IReadOnlyList<int> peaks, IReadOnlyList<BeatAnnotation> annotations, double rate)
    {
        ArgumentNullException.ThrowIfNull(peaks);
        ArgumentNullException.ThrowIfNull(annotations);
        var reach = (int)(Tolerance * rate);
        var pairs = new List<(int Distance, int Peak, int Annotation)>();
        var start = 0;
        for (var i = 0; i < peaks.Count; i++)
        {
            while (start < annotations.Count && annotations[start].Sample < peaks[i] - reach)
            {
                start++;
            }
            for (var j = start; j < annotations.Count && annotations[j].Sample <= peaks[i] + reach; j++)
            {
                pairs.Add((Math.Abs(annotations[j].Sample - peaks[i]), i, j));
            }
        }
        var match = new int[peaks.Count];
        Array.Fill(match, -1);
        var taken = new bool[annotations.Count];
        foreach (var (_, peak, annotation) in pairs.Order())
        {
            if (match[peak] < 0 && !taken[annotation])
            {
                (match[peak], taken[annotation]) = (annotation, true);
            }
        }
        return match;
    }
}
