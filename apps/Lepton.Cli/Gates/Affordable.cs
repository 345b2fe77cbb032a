using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates;

/// <summary>What `gate fit --most-escalations` says: the smallest alpha that a gate can promise when no more than this share may escalate.</summary>
internal sealed record Affordable(double MostEscalations, double Alpha);

/// <summary>Counts labels and errors by doubt, in bins so fine that the rest of one does not matter: memory does not grow with the file.</summary>
internal sealed class DoubtHistogram
{
    private const int Bins = 1 << 16;
    private readonly long[] all = new long[Bins];
    private readonly long[] wrong = new long[Bins];
    private long labels;

    public void Add(double doubt, bool isWrong)
    {
        var bin = double.IsNaN(doubt) ? Bins - 1 : Math.Clamp((int)(doubt * Bins), 0, Bins - 1);
        labels++;
        all[bin]++;
        wrong[bin] += isWrong ? 1 : 0;
    }

    /// <summary>All errors of the last bin that is accepted count, so that the promise errs on the safe side.</summary>
    public Affordable Smallest(double mostEscalations, Guarantee guarantee)
    {
        var keep = labels - (long)Math.Floor(mostEscalations * labels);
        long kept = 0, errors = 0;
        for (var bin = 0; bin < Bins && kept < keep; bin++)
        {
            kept += all[bin];
            errors += wrong[bin];
        }

        var alpha = keep == 0 ? 0
            : guarantee.Mode == GuaranteeMode.Expected ? Math.Min(1, (errors + 1.0) / (labels + 1.0))
            : BinomialTail.UpperLimit((int)errors, (int)labels, guarantee.Delta);
        return new(mostEscalations, alpha);
    }
}
