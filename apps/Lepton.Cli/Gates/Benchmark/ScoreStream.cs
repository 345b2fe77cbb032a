using Lepton.Decisions.Gates;

namespace Lepton.Cli.Gates.Benchmark;

/// <summary>
/// A seeded stream of score vectors with their references, about as sure as they are right. The last third of the classes is hard; how frequent those are and
/// how noisy the inputs are can be changed at any time, which is how its drift is made.
/// </summary>
internal sealed class ScoreStream(int classes, int seed) : IEventStream
{
    // With these the edge disagrees with the reference on 9 % of the events of 10 classes, and on 18 % of 26.
    private const double Easy = 4;
    private const double Hard = 2.2;
    private const double Sharpness = 2.5;
    private const int Inputs = 4;
    private readonly Random random = new(seed);

    /// <summary>How many times as frequent the hard classes are.</summary>
    public double HardWeight { get; set; } = 1;

    /// <summary>Noise of the inputs, and with it of the scores.</summary>
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
            scores[c] = Math.Exp(Sharpness * ((Noise * Normal()) + (c == truth ? truth < hard ? Easy : Hard : 0)));
            sum += scores[c];
        }

        for (var c = 0; c < classes; c++)
        {
            scores[c] /= sum;
        }

        return new(scores, truth, [.. Enumerable.Range(0, Inputs).Select(_ => (float)(Noise * Normal()))]);
    }

    public void Shift(Drift drift)
    {
        HardWeight = drift == Drift.Harder ? PoolStream.Weight : 1;
        Noise = drift == Drift.Noisier ? 1.5 : 1;
    }

    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    internal readonly record struct Sample(double[] Scores, int Reference, float[] Inputs)
    {
        public int Predicted => Array.IndexOf(Scores, Scores.Max());

        public double Doubt => Decisions.Gates.Scores.Read(Scores, ScoreKind.Margin).Doubt;
    }
}
