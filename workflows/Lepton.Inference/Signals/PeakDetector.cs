namespace Lepton.Inference.Signals;

/// <summary>Finds R peaks in one lead: band-pass, slope energy in a moving window, thresholds that follow the signal and the noise, and a look back when a beat is overdue (the Pan-Tompkins family).</summary>
public static class PeakDetector
{
    private const double Refractory = 0.2, WaveOfBefore = 0.36, Overdue = 1.66;

    /// <summary>The sample indices of the R peaks (or of the deepest S where the beat points down), in order.</summary>
    /// <param name="lead">Samples in mV.</param>
    /// <param name="rate">Samples per second, 100 or more.</param>
    public static int[] Detect(ReadOnlySpan<float> lead, double rate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 100);
        if (lead.Length < rate)
        {
            return [];
        }
        var filtered = BandPass.Apply(lead, rate, 5, 18);
        var energy = Energy(filtered, rate);
        var search = new Search(Candidates(energy, (int)(Refractory * rate)), energy, rate);
        var peaks = search.Run();
        var reach = (int)(0.09 * rate);
        for (var i = 0; i < peaks.Count; i++)
        {
            peaks[i] = Strongest(filtered, peaks[i], reach);
        }
        return [.. peaks.Distinct()];
    }

    private static float[] Energy(float[] filtered, double rate)
    {
        var squared = new double[filtered.Length];
        for (var i = 2; i < filtered.Length - 2; i++)
        {
            var slope = (2 * filtered[i + 2] + filtered[i + 1] - filtered[i - 1] - 2 * filtered[i - 2]) / 8;
            squared[i] = slope * slope;
        }
        var half = (int)(0.06 * rate);
        var energy = new float[filtered.Length];
        double sum = 0;
        for (var i = -half; i < filtered.Length; i++)
        {
            if (i + half < squared.Length)
            {
                sum += squared[i + half];
            }
            if (i - half - 1 >= 0)
            {
                sum -= squared[i - half - 1];
            }
            if (i >= 0)
            {
                energy[i] = (float)Math.Sqrt(Math.Max(0, sum) / (2 * half + 1));
            }
        }
        return energy;
    }

    private static List<int> Candidates(float[] energy, int distance)
    {
        var candidates = new List<int>();
        for (var i = 1; i < energy.Length - 1; i++)
        {
            if (energy[i] <= energy[i - 1] || energy[i] < energy[i + 1])
            {
                continue;
            }
            if (candidates.Count > 0 && i - candidates[^1] < distance)
            {
                if (energy[i] > energy[candidates[^1]])
                {
                    candidates[^1] = i;
                }
                continue;
            }
            candidates.Add(i);
        }
        return candidates;
    }

    private static int Strongest(float[] filtered, int around, int reach)
    {
        var best = around;
        for (var i = Math.Max(0, around - reach); i <= Math.Min(filtered.Length - 1, around + reach); i++)
        {
            if (Math.Abs(filtered[i]) > Math.Abs(filtered[best]))
            {
                best = i;
            }
        }
        return best;
    }

    private sealed class Search(List<int> candidates, float[] energy, double rate)
    {
        private readonly List<int> _peaks = [];
        private double _signal, _noise, _interval = rate * 0.8;

        internal List<int> Run()
        {
            Learn();
            var last = -1;
            for (var i = 0; i < candidates.Count; i++)
            {
                if (_peaks.Count > 0 && candidates[i] - _peaks[^1] > Overdue * _interval)
                {
                    LookBack(last + 1, i);
                }
                if (IsBeat(candidates[i], Threshold))
                {
                    Accept(candidates[i], 0.125);
                    last = i;
                }
                else
                {
                    _noise += 0.125 * (Math.Min(energy[candidates[i]], _signal) - _noise);
                }
            }
            return _peaks;
        }

        // Amplitudes, not squares: with them a beat of a third of the usual height still passes.
        private double Threshold => _noise + 0.25 * (_signal - _noise);

        private void Learn()
        {
            var first = candidates.TakeWhile(at => at < 8 * rate).Select(at => (double)energy[at]).Order().ToArray();
            if (first.Length > 0)
            {
                _signal = first[first.Length * 3 / 4];
                _noise = first[first.Length / 8] * 0.5;
            }
        }

        private bool IsBeat(int at, double threshold)
        {
            if (energy[at] < threshold)
            {
                return false;
            }
            // A T wave comes soon after its beat and rises more slowly.
            return _peaks.Count == 0 || at - _peaks[^1] > WaveOfBefore * rate || energy[at] > 0.5 * energy[_peaks[^1]];
        }

        private void LookBack(int from, int to)
        {
            var best = -1;
            for (var i = from; i < to; i++)
            {
                if (candidates[i] > _peaks[^1] && IsBeat(candidates[i], Threshold / 2) && (best < 0 || energy[candidates[i]] > energy[candidates[best]]))
                {
                    best = i;
                }
            }
            if (best >= 0)
            {
                Accept(candidates[best], 0.25);
                LookBack(best + 1, to);
            }
        }

        private void Accept(int at, double weight)
        {
            // One artefact must not lift the threshold over the beats that follow it.
            var height = Math.Min(energy[at], 2.5 * _signal);
            _signal += weight * (height - _signal);
            if (_peaks.Count > 0 && at - _peaks[^1] < 2 * rate)
            {
                _interval += 0.125 * (at - _peaks[^1] - _interval);
            }
            _peaks.Add(at);
        }
    }
}
