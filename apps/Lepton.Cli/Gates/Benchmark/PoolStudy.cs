using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>One rule's line of the table: the means over the splits, and in how many of them the risk lies above alpha (for a calibrated rule).</summary>
internal sealed record RuleLine(string Rule, double Accuracy, double Escalation, double Risk, double? Above);

/// <summary>What the peers' rules and ours do on one pool.</summary>
internal sealed record PoolReport(string Pool, bool IsGenerated, int Events, int Classes, int Calibration, double Disagreement, IReadOnlyList<RuleLine> Rules)
{
    /// <summary>Largest share, over three alphas, of calibrations whose exact risk lies above alpha.</summary>
    public required double Violations { get; init; }

    /// <summary>Escalations at equal accuracy, as a multiple of sedna-ce's, by margin; null for two classes, where all scores rank alike, and where sedna-ce escalates nothing.</summary>
    public required double? MarginRatio { get; init; }

    /// <summary>The same by the automatic head, on the half that did not fit it.</summary>
    public required double? HeadRatio { get; init; }
}

/// <summary>Draws calibrations from a pool again and again.</summary>
internal sealed class PoolStudy(Pool pool, int splits, int seed)
{
    private const int CalibrationsPerSplit = 5;
    private static readonly double[] Alphas = [0.01, 0.02, 0.05];
    private readonly Random random = new(seed);
    private readonly int calibration = Math.Min(2000, pool.Events.Length / 2);

    public PoolReport Run()
    {
        var events = pool.Events;
        var lines = new List<RuleLine>
        {
            Rule("never", events, _ => false),
            Rule("always", events, _ => true),
            Rule("sedna-ce", events, CrossEntropy),
            Rule("sedna-threshold", events, one => one.Reading.First < 0.5),
            Rule("sedna-ibt 0.9", events, one => one.Reading.First <= 0.9),
        };
        lines.AddRange(Alphas.Select(Calibrated));
        return new(pool.Name, pool.IsGenerated, events.Length, pool.Classes, calibration, lines[0].Risk, lines)
        {
            Violations = Alphas.Max(Violations),
            MarginRatio = pool.Classes > 2 ? RatioAtEqualRisk(events, one => one.Doubt) : null,
            HeadRatio = HeadRatio(),
        };
    }

    private static bool CrossEntropy(PoolEvent one) => 1 - one.Reading.Entropy < 0.5;

    private static RuleLine Rule(string name, PoolEvent[] events, Func<PoolEvent, bool> hard)
    {
        double escalated = events.Count(hard), lost = events.Count(one => one.Wrong && !hard(one));
        return new(name, 1 - (lost / events.Length), escalated / events.Length, lost / events.Length, null);
    }

    private RuleLine Calibrated(double alpha)
    {
        double escalation = 0, risk = 0, above = 0;
        var events = pool.Events.ToArray();
        for (var split = 0; split < splits; split++)
        {
            random.Shuffle(events);
            var threshold = Threshold(events.AsSpan(0, calibration), alpha);
            var line = Rule("", events[calibration..], one => !(one.Doubt < threshold));
            escalation += line.Escalation / splits;
            risk += line.Risk / splits;
            above += line.Risk > alpha ? 1.0 / splits : 0;
        }

        return new($"lepton pac {alpha}", 1 - risk, escalation, risk, above);
    }

    private static double Threshold(ReadOnlySpan<PoolEvent> labels, double alpha)
    {
        var wrong = new List<double>();
        foreach (var one in labels)
        {
            if (one.Wrong)
            {
                wrong.Add(one.Doubt);
            }
        }

        wrong.Sort();
        return Calibration.Of(labels.Length, [.. wrong], new(alpha)).Threshold;
    }

    // Calibrations are drawn with replacement and the risk is that of the whole pool, so that no noise of a test set is in it.
    private double Violations(double alpha)
    {
        double[] wrong = [.. pool.Events.Where(one => one.Wrong).Select(one => one.Doubt).Order()];
        var drawn = new PoolEvent[calibration];
        var violations = 0;
        for (var run = 0; run < CalibrationsPerSplit * splits; run++)
        {
            for (var i = 0; i < drawn.Length; i++)
            {
                drawn[i] = pool.Events[random.Next(pool.Events.Length)];
            }

            var threshold = Threshold(drawn, alpha);
            var below = Array.BinarySearch(wrong, threshold);
            violations += (below < 0 ? ~below : below) > alpha * pool.Events.Length ? 1 : 0;
        }

        return violations / (double)(CalibrationsPerSplit * splits);
    }

    private static double? RatioAtEqualRisk(PoolEvent[] events, Func<PoolEvent, double> doubt)
    {
        double theirs = events.Count(CrossEntropy), lost = events.Count(one => one.Wrong && !CrossEntropy(one));
        if (theirs == 0)
        {
            return null;
        }

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

        return (events.Length - accepted) / theirs;
    }

    private double? HeadRatio()
    {
        var events = pool.Events.ToArray();
        random.Shuffle(events);
        PoolEvent[] fit = events[..calibration], rest = events[calibration..];
        HeadSample[] samples = [.. fit.Select(one => new HeadSample(one.Reading, one.Inputs, one.Wrong))];
        var head = HeadFit.Choose([.. samples.Where((_, i) => i % 3 != 0)], [.. samples.Where((_, i) => i % 3 == 0)], pool.Classes, 0.02).Logistic;
        return RatioAtEqualRisk(rest, one => head?.Probability(one.Reading, one.Inputs) ?? one.Doubt);
    }
}
