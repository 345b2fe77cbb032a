namespace Lepton.Inference.Signals;

/// <summary>Cuts a recording into beats around detected R peaks.</summary>
public static class BeatSegmenter
{
    /// <summary>Rate of every window in samples per second; recordings at another rate are interpolated.</summary>
    public const int Rate = 360;

    /// <summary>Samples of a window: 0.3 s before the R peak and 0.5 s from it on.</summary>
    public const int WindowLength = 288;

    private const int BeforePeak = 108, Recent = 10;
    private const double Memory = 300, LongestInterval = 3;

    /// <summary>The beats of a recording, one for each peak. A beat is complete once the peak after it is known; the last beat repeats its previous interval.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="peaks">Sample indices of its R peaks, in order.</param>
    public static IEnumerable<Beat> Segment(Recording recording, IReadOnlyList<int> peaks)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(peaks);
        var rhythm = new Rhythm();
        for (var i = 0; i < peaks.Count; i++)
        {
            double? previous = i > 0 ? (peaks[i] - peaks[i - 1]) / recording.Rate : null;
            double? next = i + 1 < peaks.Count ? (peaks[i + 1] - peaks[i]) / recording.Rate : null;
            var timing = rhythm.Step(peaks[i] / recording.Rate, previous ?? next ?? 0.8, next ?? previous ?? 0.8);
            yield return new Beat(peaks[i], [.. recording.Leads.Select(lead => Window(lead, peaks[i], recording.Rate))], timing);
        }
    }

    private static float[] Window(float[] lead, int peak, double rate)
    {
        var window = new float[WindowLength];
        for (var i = 0; i < WindowLength; i++)
        {
            var at = Math.Clamp(peak + (i - BeforePeak) * rate / Rate, 0, lead.Length - 1);
            var left = (int)at;
            var right = Math.Min(left + 1, lead.Length - 1);
            window[i] = (float)(lead[left] + (lead[right] - lead[left]) * (at - left));
        }
        return window;
    }

    private sealed class Rhythm
    {
        private readonly Queue<(double At, double Interval)> _memory = new();
        private readonly List<double> _recent = [];
        private double _sum;

        internal BeatTiming Step(double at, double previous, double next)
        {
            // A lost electrode makes intervals of minutes, which say nothing of the rhythm.
            (previous, next) = (Math.Min(previous, LongestInterval), Math.Min(next, LongestInterval));
            while (_memory.TryPeek(out var oldest) && oldest.At < at - Memory)
            {
                _sum -= _memory.Dequeue().Interval;
            }
            var timing = new BeatTiming(at, previous, next,
                _recent.Count > 0 ? _recent[^1] : previous,
                _recent.Count > 0 ? Median() : previous,
                _memory.Count > 0 ? _sum / _memory.Count : previous,
                Spread());
            _memory.Enqueue((at, previous));
            _sum += previous;
            _recent.Add(previous);
            if (_recent.Count > Recent)
            {
                _recent.RemoveAt(0);
            }
            return timing;
        }

        private double Median()
        {
            Span<double> sorted = stackalloc double[Recent];
            sorted = sorted[.._recent.Count];
            _recent.CopyTo(sorted);
            sorted.Sort();
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }

        private double Spread()
        {
            double sum = 0;
            for (var i = 1; i < _recent.Count; i++)
            {
                sum += Math.Abs(_recent[i] - _recent[i - 1]);
            }
            return _recent.Count > 1 ? sum / (_recent.Count - 1) : 0;
        }
    }
}
