using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>One claim, what was measured, and whether it holds; null when it was not measured.</summary>
internal sealed record Goal(string Id, string Claim, string Measured, bool? Passed);

/// <summary>The claims of the engine, each measured anew.</summary>
internal static class Goals
{
    private const double Alpha = 0.02;
    private static readonly int[] ClassCounts = [10, 26];
    private static readonly double[] FirstOpenings = [0.01, 0.02, 0.05];

    private static readonly double[][] Malformed =
    [
        [], [1], [double.NaN, 1, 0], [double.PositiveInfinity, 0, 0], [double.NegativeInfinity, 1, 0], [-0.01, 0.51, 0.5], [1.01, 0, 0], [0.5, 0.5, 0.5],
        [0.2, 0.2, 0.2], [0.5, 0.5], [0.25, 0.25, 0.25, 0.25], [0, 0, 0], [double.NaN, double.NaN, double.NaN], [1e308, -1e308, 1],
    ];

    public static IEnumerable<Goal> Of(IReadOnlyList<PoolReport> pools)
    {
        var violations = pools.Max(pool => pool.Violations);
        yield return new("G1", "at most 5 % of calibrations exceed alpha (pac, exact risk, alpha 0.01, 0.02, 0.05)", $"{violations:P1} at most", violations <= 0.05);
        var real = pools.Where(pool => !pool.IsGenerated).ToArray();
        double[] margin = [.. real.Select(pool => pool.MarginRatio).OfType<double>().Order()], head = [.. real.Select(pool => pool.HeadRatio).OfType<double>().Order()];
        const string AtEqualAccuracy = "at sedna-ce's accuracy: escalations at most 0.85x by margin (median; 3 classes or more), 0.75x by head, never above 1x";
        yield return head.Length == 0
            ? new("G2", AtEqualAccuracy, "not measured: it is a claim about real models, so give their scores with --input", null)
            : new("G2", AtEqualAccuracy, $"margin {(margin.Length == 0 ? "-" : $"{Median(margin):F2}x")}, head {Median(head):F2}x, worst {margin.Concat(head).Max():F2}x",
                (margin.Length == 0 || Median(margin) <= 0.85) && Median(head) <= 0.75 && margin.Concat(head).Max() <= 1);
        var risks = pools.Select(pool => pool.Rules.Single(rule => rule.Rule == $"lepton pac {Alpha}").Risk).ToArray();
        yield return new("G3", "one setting, every pool: mean risk at most alpha", $"{risks.Max():F4} at most, alpha {Alpha}", risks.Max() <= Alpha);
    }

    public static IEnumerable<Goal> OfStreams(int streams)
    {
        foreach (var classes in ClassCounts)
        {
            var steady = StreamStudy.Ours(classes, streams, _ => { });
            var naive = StreamStudy.Naive(classes, streams);
            yield return new($"G4 ({classes})", "steady streams: at most 8 % end above alpha; refitting on returned labels does in 58 % or more",
                $"{steady.AboveAtTheEnd:P1}, refitting {naive.AboveAtTheEnd:P1}", steady.AboveAtTheEnd <= 0.08 && naive.AboveAtTheEnd >= 0.58);
            foreach (var (id, kind, hard, noise) in new[] { ("label", "hard classes 5x", 5.0, 1.0), ("noise", "noisier inputs", 1.0, 1.5) })
            {
                var shifted = StreamStudy.Ours(classes, streams, stream => (stream.HardWeight, stream.Noise) = (hard, noise));
                yield return new($"G5 {id} ({classes})", $"{kind} from the middle: alarm within 600 events (median), at most 8 % end above alpha",
                    $"{shifted.MedianDelay:F0} events, {shifted.AboveAtTheEnd:P1}, {shifted.Sent:P0} sent", shifted.MedianDelay <= 600 && shifted.AboveAtTheEnd <= 0.08);
            }

            yield return new($"G6 ({classes})", "at most 2 % of steady streams raise an alarm", $"{steady.Alarmed:P1}", steady.Alarmed <= 0.02);
            yield return new($"G7 ({classes})", "cold start: at most 3 % of steady streams exceed alpha over all their events", $"{steady.AboveInAll:P1}", steady.AboveInAll <= 0.03);
            var (priced, firstCome, hindsight) = Budgeted(classes);
            yield return new($"G8 ({classes})", "with two fifths of the bytes it wants: risk by price at most 0.8x of first come, first served", $"{priced / firstCome:F2}x; the best that any threshold on the doubt could do is {hindsight / firstCome:F2}x", priced <= 0.8 * firstCome);
        }

        int[] openings = [.. FirstOpenings.Select(FirstAccepted)];
        yield return new("G7", "the first answer is accepted after exactly 299, 149 and 59 clean labels", string.Join(", ", openings), openings is [299, 149, 59]);
        var refused = Malformed.Count(scores => !Open().Decide(new Salt("benchmark"), "event", scores).Accepts);
        yield return new("G9", "no malformed score vector is accepted", $"{refused} of {Malformed.Length} refused", refused == Malformed.Length);
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;

    private static int FirstAccepted(double alpha)
    {
        var memory = new GateMemory(new GateSettings { Guarantee = new(alpha), Classes = 3, WarmUp = 1 }, "");
        var labels = 0;
        while (!memory.Snapshot().Decide(new Salt("benchmark"), "event", [0.9, 0.1, 0]).Accepts)
        {
            memory.Learn(new Label((ulong)labels, labels, 0, Designation.Cold, 0.1f, 0, 0, false));
            labels++;
        }

        return labels;
    }

    private static GateSnapshot Open()
    {
        var memory = new GateMemory(new GateSettings { Guarantee = new(0.05), Classes = 3, WarmUp = 1 }, "");
        for (var i = 0; i < 59; i++)
        {
            memory.Learn(new Label((ulong)i, i, 0, Designation.Cold, 0.1f, 0, 0, false));
        }

        return memory.Snapshot();
    }

    private static (double Priced, double FirstCome, double Hindsight) Budgeted(int classes)
    {
        const int Events = 20_000;
        var stream = new ScoreStream(classes, 21);
        Label[] labels = [.. Enumerable.Range(0, 2000).Select(_ => stream.Next()).Select((one, i) => new Label((ulong)i, i, 0, Designation.Cold, (float)one.Doubt, one.Predicted, one.Reference, false))];
        var threshold = Calibration.Of(labels.Length, [.. labels.Where(label => label.Wrong).Select(label => (double)label.Doubt).Order()], new(Alpha)).Threshold;
        var share = 0.4 * labels.Count(label => label.Doubt >= threshold) / labels.Length;
        var curve = ErrorCurve.Of(labels);
        ScoreStream.Sample[] events = [.. Enumerable.Range(0, Events).Select(_ => stream.Next())];
        double Risk(bool priced)
        {
            var price = default(Price);
            var bucket = new TokenBucket(share, 20, DateTimeOffset.UnixEpoch);
            var lost = 0;
            for (var i = 0; i < Events; i++)
            {
                var doubt = events[i].Doubt;
                var wanted = doubt >= threshold && (!priced || curve.At(doubt) >= price.Value);
                var sent = wanted && bucket.TryTake(1, DateTimeOffset.UnixEpoch.AddSeconds(i));
                price = price.After(wanted ? 1 : 0, 1, share);
                lost += !sent && events[i].Predicted != events[i].Reference ? 1 : 0;
            }

            return (double)lost / Events;
        }

        // Knowing all events: the most doubtful ones get the whole budget.
        var hindsight = events.OrderByDescending(one => one.Doubt).Skip((int)(share * Events)).Count(one => one.Predicted != one.Reference);
        return (Risk(true), Risk(false), (double)hindsight / Events);
    }
}
