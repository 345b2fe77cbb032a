using Lepton.Inference.ScoreFiles;
using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates;

/// <summary>What a report draws, gathered row by row in bins: its size does not depend on the length of the stream.</summary>
internal sealed class StreamRecord(long events, ScoreKind score, bool comparesPeers = true)
{
    private const int DoubtBins = 512;
    private const int ReliabilityBins = 10;
    private const int HistoryPoints = 400;
    private const int Stretches = 40;
    private readonly long[] all = new long[DoubtBins];
    private readonly long[] wrong = new long[DoubtBins];
    private readonly long[] scored = new long[ReliabilityBins];
    private readonly long[] right = new long[ReliabilityBins];
    private readonly double[] scoreSums = new double[ReliabilityBins];
    private readonly Peer[] peers = [.. (comparesPeers ? new[] { "sedna-ce", "sedna-threshold", "sedna-ibt" } : []).Select(name => new Peer(name, PeerFilters.Find(name)!))];
    private readonly List<(double Event, double Tau)> thresholds = [];
    private readonly List<(double Event, double Risk)> risks = [];
    private readonly long stride = Math.Max(1, events / HistoryPoints);
    private readonly long stretch = Math.Max(1, events / Stretches);
    private long seen;
    private long lostInStretch;

    public IReadOnlyList<(double Event, double Tau)> Thresholds => thresholds;

    /// <summary>The risk of each stretch of the stream.</summary>
    public IReadOnlyList<(double Event, double Risk)> Risks => risks;

    public void Add(ScoreRow row, Choice choice, double threshold)
    {
        seen++;
        var reading = Scores.Read(row.Scores, score);
        var differs = reading.Predicted != row.Reference;
        var bin = Bin(reading.Doubt, DoubtBins);
        all[bin]++;
        wrong[bin] += differs ? 1 : 0;
        var certainty = Bin(reading.First, ReliabilityBins);
        scored[certainty]++;
        right[certainty] += differs ? 0 : 1;
        scoreSums[certainty] += reading.First;
        foreach (var peer in peers)
        {
            peer.Add(row.Scores, differs);
        }

        lostInStretch += choice.Accepted && differs ? 1 : 0;
        if (seen % stride == 0)
        {
            thresholds.Add((seen, Math.Clamp(threshold, 0, 1)));
        }

        if (seen % stretch == 0)
        {
            risks.Add((seen, (double)lostInStretch / stretch));
            lostInStretch = 0;
        }
    }

    /// <summary>Share escalated and risk of every fixed threshold on the doubt, from escalating all to escalating nothing.</summary>
    public IEnumerable<(double Escalated, double Risk)> RiskCurve()
    {
        long accepted = 0, lost = 0;
        yield return (1, 0);
        for (var bin = 0; bin < DoubtBins; bin++)
        {
            if (all[bin] == 0)
            {
                continue;
            }

            accepted += all[bin];
            lost += wrong[bin];
            yield return (1 - ((double)accepted / seen), (double)lost / seen);
        }
    }

    /// <summary>Mean best score and share of right answers, by bin of the best score.</summary>
    public IEnumerable<(double Score, double Right)> Reliability() =>
        Enumerable.Range(0, ReliabilityBins).Where(bin => scored[bin] > 0).Select(bin => (scoreSums[bin] / scored[bin], (double)right[bin] / scored[bin]));

    public IEnumerable<(string Name, double Escalated, double Risk)> Peers() => peers.Select(peer => (peer.Name, (double)peer.Escalated / seen, (double)peer.Lost / seen));

    private static int Bin(double value, int bins) => Math.Clamp((int)(value * bins), 0, bins - 1);

    private sealed class Peer(string name, Func<double[], bool> hard)
    {
        public string Name => name;

        public long Escalated { get; private set; }

        public long Lost { get; private set; }

        public void Add(double[] scores, bool differs)
        {
            if (hard(scores))
            {
                Escalated++;
            }
            else if (differs)
            {
                Lost++;
            }
        }
    }
}
