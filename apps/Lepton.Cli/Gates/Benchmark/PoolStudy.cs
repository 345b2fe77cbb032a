using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>Draws calibrations from a pool again and again.</summary>
internal sealed class PoolStudy(Pool pool, int splits, int seed)
{
    public const double Alpha = 0.02;
    private const int CalibrationsPerSplit = 5;
    private const int Labels = 2000;
    private readonly Random random = new(seed);
    private readonly double[] alphas = pool.HasOwnDoubt ? [0.02, 0.05, 0.10] : [0.01, Alpha, 0.05];

    public PoolReport Run()
    {
        var events = pool.Events;
        var peers = PeerRules.For(pool).ToArray();
        var rules = peers.Select(peer => Rule(peer.Name, peer.Hard)).ToList();
        rules.AddRange(Calibrated("lepton", events, [.. events.Select(one => one.Doubt)]));
        var head = PoolHead.Choose(pool, Alpha);
        if (head.Kind != HeadKind.None)
        {
            PoolEvent[] rest = [.. events.Where(one => one.Part == HeadPart.Calibrates)];
            rules.AddRange(Calibrated($"lepton, {head.Kind.ToString().ToLowerInvariant()} head,", rest, [.. rest.Select(head.Doubt)]));
        }

        return new(pool.Name, pool.IsGenerated, pool.HasOwnDoubt, events.Length, pool.Classes, CalibrationOf(events.Length), pool.Disagreement)
        {
            Rules = rules,
            Violations = events.Length < Pool.LeastLabels ? null : [.. alphas.Select(Violations)],
            Equal = pool.HasOwnDoubt ? [] : [.. peers.Where(peer => peer.Name is "sedna-ce 0.5" or "sedna-ibt 0.9").Select(peer => EqualTo(peer.Name, peer.Hard)).OfType<EqualRisk>()],
        };
    }

    private static int CalibrationOf(int events) => Math.Min(Labels, events / 2);

    private RuleLine Rule(string name, Func<PoolEvent, bool> hard)
    {
        double escalated = 0, lost = 0, right = 0, bytes = 0;
        foreach (var one in pool.Events)
        {
            var up = hard(one);
            escalated += up ? 1 : 0;
            lost += !up && one.Wrong ? 1 : 0;
            right += (up ? one.Reference : one.Reading.Predicted) == Truth(one) ? 1 : 0;
            bytes += up ? one.Bytes : 0;
        }

        double n = pool.Events.Length;
        return new(name, right / n, escalated / n, lost / n, pool.HasBytes ? bytes / n : null);
    }

    // The reference of an answer that brings its own doubt says only whether the cloud agrees: escalated, it is right.
    private int Truth(PoolEvent one) => pool.HasTruth ? one.Truth : one.Reference;

    private IEnumerable<RuleLine> Calibrated(string name, PoolEvent[] events, double[] doubts)
    {
        var calibration = CalibrationOf(events.Length);
        var order = Enumerable.Range(0, events.Length).ToArray();
        var wrong = new List<double>();
        var sums = alphas.Select(_ => new double[6]).ToArray();
        for (var split = 0; split < splits; split++)
        {
            random.Shuffle(order);
            wrong.Clear();
            wrong.AddRange(order.Take(calibration).Where(i => events[i].Wrong).Select(i => doubts[i]));
            wrong.Sort();
            for (var a = 0; a < alphas.Length; a++)
            {
                var found = Calibration.Of(calibration, [.. wrong], new(alphas[a]));
                double n = events.Length - calibration, escalated = 0, lost = 0, right = 0, bytes = 0;
                foreach (var i in order.AsSpan(calibration))
                {
                    var (one, up) = (events[i], !(doubts[i] < found.Threshold));
                    escalated += up ? 1 : 0;
                    lost += !up && one.Wrong ? 1 : 0;
                    right += (up ? one.Reference : one.Reading.Predicted) == Truth(one) ? 1 : 0;
                    bytes += up ? one.Bytes : 0;
                }

                double[] line = [right / n, escalated / n, lost / n, bytes / n, found.Bound, lost / n > alphas[a] ? 1 : 0];
                for (var j = 0; j < line.Length; j++)
                {
                    sums[a][j] += line[j] / splits;
                }
            }
        }

        return alphas.Select((alpha, a) => new RuleLine($"{name} pac {alpha}", sums[a][0], sums[a][1], sums[a][2], pool.HasBytes ? sums[a][3] : null, sums[a][4], sums[a][5]));
    }

    // Calibrations are drawn with replacement and the risk is that of the whole pool, so that no noise of a test set is in it. A calibration exceeds alpha when too few of
    // its draws fall on the errors that alpha may not cover: what the binomial law says of that is exact, and the count must agree with it.
    private Violation Violations(double alpha)
    {
        var events = pool.Events;
        double[] wrong = [.. events.Where(one => one.Wrong).Select(one => one.Doubt).Order()];
        var drawn = new List<double>();
        int violations = 0, runs = CalibrationsPerSplit * splits, limit = (int)Math.Floor((alpha * events.Length) + 1e-9) + 1;
        for (var run = 0; run < runs; run++)
        {
            drawn.Clear();
            for (var i = 0; i < Labels; i++)
            {
                var one = events[random.Next(events.Length)];
                if (one.Wrong)
                {
                    drawn.Add(one.Doubt);
                }
            }

            drawn.Sort();
            var below = Array.BinarySearch(wrong, Calibration.Of(Labels, [.. drawn], new(alpha)).Threshold);
            violations += (below < 0 ? ~below : below) >= limit ? 1 : 0;
        }

        var exact = limit > wrong.Length ? 0 : BinomialTail.Cdf(new Guarantee(alpha).Order(Labels) - 1, Labels, limit / (double)events.Length);
        return new(alpha, violations / (double)runs, exact);
    }

    // On the half that neither fits nor chooses heads.
    private EqualRisk? EqualTo(string peer, Func<PoolEvent, bool> hard)
    {
        PoolEvent[] rest = [.. pool.Events.Where(one => one.Part == HeadPart.Calibrates)], fits = [.. pool.Events.Where(one => one.Part != HeadPart.Calibrates)];
        var escalated = rest.Count(hard);
        if (escalated == 0)
        {
            return null;
        }

        var lost = rest.Count(one => one.Wrong && !hard(one));
        var head = PoolHead.Choose(pool, Math.Max(1, fits.Count(one => one.Wrong && !hard(one))) / (double)fits.Length);
        return new(peer, escalated / (double)rest.Length, Escalated(rest, one => one.Doubt, lost), Escalated(rest, head.Doubt, lost), head.Kind);
    }

    private static double Escalated(PoolEvent[] events, Func<PoolEvent, double> doubt, int lost)
    {
        var accepted = 0;
        foreach (var one in events.OrderBy(doubt))
        {
            lost -= one.Wrong ? 1 : 0;
            if (lost < 0)
            {
                break;
            }

            accepted++;
        }

        return (events.Length - accepted) / (double)events.Length;
    }
}
