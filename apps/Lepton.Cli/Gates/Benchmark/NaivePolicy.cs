using Lepton.Inference.ScoreFiles;
using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>The obvious alternative to shadow labels: the threshold with the right mean risk, refitted on every label that came back, which is on what was escalated.</summary>
internal sealed class NaivePolicy(double alpha, int delay) : StreamPolicy
{
    private const int Window = 1000;
    private const int Stride = 16;
    private readonly Queue<(long Due, double Doubt, bool Wrong)> underway = new();
    private readonly Queue<(double Doubt, bool Wrong)> labels = new();
    private readonly int warmUp = 3 * new Guarantee(alpha).FirstOpening;
    private double threshold = double.NegativeInfinity;
    private int learned;

    public override Choice Decide(ScoreRow row)
    {
        while (underway.TryPeek(out var next) && next.Due <= row.Number)
        {
            underway.Dequeue();
            labels.Enqueue((next.Doubt, next.Wrong));
            if (labels.Count > Window)
            {
                labels.Dequeue();
            }

            if (++learned >= warmUp && learned % Stride == 0)
            {
                double[] wrong = [.. labels.Where(label => label.Wrong).Select(label => label.Doubt).Order()];
                threshold = Calibration.Of(labels.Count, wrong, new(alpha, GuaranteeMode.Expected)).Threshold;
            }
        }

        var reading = Scores.Read(row.Scores, ScoreKind.Margin);
        var accepted = reading.Doubt < threshold;
        if (!accepted)
        {
            underway.Enqueue((row.Number + delay, reading.Doubt, reading.Predicted != row.Reference));
        }

        return new(accepted, false);
    }
}
