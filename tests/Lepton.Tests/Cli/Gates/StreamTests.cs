using Lepton.Cli.Gates;
using Lepton.Decisions.Gates;
using Lepton.Tests.Decisions;

namespace Lepton.Tests.Cli.Gates;

/// <summary>Selective labels and drift over whole streams: what the engine keeps, and what the obvious alternative does not.</summary>
public sealed class StreamTests
{
    private const double Alpha = 0.02;
    private const int Events = 8000;
    private const int Streams = 40;
    private const int Delay = 50;

    [Fact]
    public void On_a_steady_stream_the_risk_stays_below_alpha_and_no_alarm_goes_off()
    {
        var runs = Run(Ours, _ => { });
        Report("steady", runs);
        Assert.InRange(Above(runs), 0, 0.08);
        Assert.InRange(runs.Count(run => run.Alarms.Length > 0), 0, 2);
        Assert.All(runs, run => Assert.True(run.Sent < 0.6, $"{run.Sent}"));
    }

    [Fact]
    public void Refitting_on_whatever_labels_came_back_breaks_the_promise()
    {
        var runs = Run(_ => new NaivePolicy(), _ => { });
        Report("naive", runs);
        Assert.InRange(Above(runs), 0.58, 1);
    }

    [Theory]
    [InlineData("hard classes 5x as frequent", 5, 1)]
    [InlineData("noisier inputs", 1, 1.5)]
    public void After_a_shift_an_alarm_goes_off_and_the_promise_holds_again(string shift, double hard, double noise)
    {
        var runs = Run(Ours, stream => (stream.HardWeight, stream.Noise) = (hard, noise));
        Report(shift, runs);
        var delays = runs.Select(run => run.Alarms.FirstOrDefault(alarm => alarm.Event > Events / 2)?.Event - (Events / 2) ?? Events).Order().ToArray();
        Assert.InRange(delays[Streams / 2], 1, 600);

        // Over 200 streams it is 0.08 at most; 40 of them are a coarse measure, and a static gate is above alpha in most.
        Assert.InRange(Above(runs), 0, 0.125);
    }

    [Fact]
    public void The_same_stream_and_seed_give_the_same_run()
    {
        var first = Run(Ours, _ => { }, 1)[0];
        var second = Run(Ours, _ => { }, 1)[0];
        Assert.Equal((first.Escalated, first.Shadow, first.Risk), (second.Escalated, second.Shadow, second.Risk));
    }

    private static GatePolicy Ours(int seed) => new(new GateSettings { Guarantee = new(Alpha), Classes = 10 }, Delay, seed, 500);

    private static SimulationReport[] Run(Func<int, StreamPolicy> policy, Action<ScoreStream> shift, int streams = Streams) =>
        [.. Enumerable.Range(1, streams).AsParallel().Select(seed =>
        {
            var stream = new ScoreStream(10, seed);
            var simulation = new StreamSimulation("", policy(seed), Events);
            var row = new ScoreRow(10, 4);
            for (var i = 1; i <= Events; i++)
            {
                if (i == Events / 2)
                {
                    shift(stream);
                }

                var sample = stream.Next();
                sample.Scores.CopyTo(row.Scores, 0);
                sample.Inputs.CopyTo(row.Inputs, 0);
                (row.Number, row.Id, row.Reference) = (i, $"{seed}-{i}", sample.Reference);
                simulation.Add(row);
            }

            return simulation.Report("", false);
        })];

    private static double Above(SimulationReport[] runs) => runs.Count(run => run.RiskOfLastQuarter > Alpha) / (double)runs.Length;

    private static void Report(string stream, SimulationReport[] runs) => TestContext.Current.TestOutputHelper!.WriteLine(
        $"{stream}: risk of the last quarter {runs.Average(run => run.RiskOfLastQuarter):F4}, above alpha in {Above(runs):P0}, sent {runs.Average(run => run.Sent):P0}, alarms {runs.Sum(run => run.Alarms.Length)}");

    /// <summary>The obvious alternative: the threshold with the right mean risk, refitted on every label that came back, escalated ones included.</summary>
    private sealed class NaivePolicy : StreamPolicy
    {
        private readonly Queue<(long Due, double Doubt, bool Wrong)> underway = new();
        private readonly List<(double Doubt, bool Wrong)> labels = [];
        private double threshold = double.NegativeInfinity;

        public override Choice Decide(ScoreRow row)
        {
            while (underway.TryPeek(out var next) && next.Due <= row.Number)
            {
                underway.Dequeue();
                labels.Add((next.Doubt, next.Wrong));
                if (labels.Count >= 447 && labels.Count % 16 == 0)
                {
                    var window = labels.TakeLast(1000).ToArray();
                    threshold = Calibration.Of(window.Length, [.. window.Where(label => label.Wrong).Select(label => label.Doubt).Order()], new(Alpha, GuaranteeMode.Expected)).Threshold;
                }
            }

            var reading = Scores.Read(row.Scores, ScoreKind.Margin);
            var accepted = reading.Doubt < threshold;
            if (!accepted)
            {
                underway.Enqueue((row.Number + Delay, reading.Doubt, reading.Predicted != row.Reference));
            }

            return new(accepted, false);
        }
    }
}
