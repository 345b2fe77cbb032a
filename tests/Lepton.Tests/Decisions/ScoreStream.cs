using Lepton.Decisions.Gates;

namespace Lepton.Tests.Decisions;

/// <summary>A seeded stream of score vectors with their references: some classes are harder than others, and noise can be turned up.</summary>
internal sealed class ScoreStream(int classes, int seed)
{
    private readonly Random random = new(seed);

    /// <summary>How many times as frequent the hard classes (the last third) are.</summary>
    public double HardWeight { get; set; } = 1;

    /// <summary>Noise of the inputs, and with it of the logits; 1 at first.</summary>
    public double Noise { get; set; } = 1;

    public Sample Next()
    {
        var hard = classes - (classes / 3);
        var weight = HardWeight * (classes - hard);
        var truth = random.NextDouble() * (hard + weight) < hard ? random.Next(hard) : random.Next(hard, classes);
        var scores = new double[classes];
        var sum = 0.0;
        for (var c = 0; c < classes; c++)
        {
            scores[c] = Math.Exp((Noise * Normal()) + (c == truth ? truth < hard ? 4 : 2.2 : 0));
            sum += scores[c];
        }

        for (var c = 0; c < classes; c++)
        {
            scores[c] /= sum;
        }

        return new(scores, truth, [.. Enumerable.Range(0, 4).Select(_ => (float)(Noise * Normal()))]);
    }

    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    internal readonly record struct Sample(double[] Scores, int Reference, float[] Inputs)
    {
        public int Predicted => Array.IndexOf(Scores, Scores.Max());

        public double Doubt => Scores.Length == 0 ? double.NaN : Lepton.Decisions.Gates.Scores.Read(Scores, ScoreKind.Margin).Doubt;
    }
}
