using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Lepton.Decisions.Gates;

/// <summary>A logistic model of "the edge disagrees with the reference", from scores and inputs: a better doubt than any single score where labels suffice to fit it.</summary>
public sealed class GateHead
{
    private const double Least = 1e-12;
    private const int Measures = 4;
    private readonly double[] weights;

    /// <summary>A head with the given weights: intercept, ln(p1/p2), logit(p1), entropy, p1, one weight per class, one per input.</summary>
    /// <exception cref="ArgumentException">There are too few weights for the classes.</exception>
    public GateHead(int classes, double[] weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Length < 1 + Measures + classes)
        {
            throw new ArgumentException($"a head of {classes} classes has at least {1 + Measures + classes} weights, but {weights.Length} were given", nameof(weights));
        }

        (Classes, this.weights) = (classes, weights);
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Number of inputs.</summary>
    public int Inputs => weights.Length - 1 - Measures - Classes;

    /// <summary>The weights, in the constructor's order.</summary>
    public IReadOnlyList<double> Weights => weights;

    /// <summary>16 hexadecimal digits that differ for different weights.</summary>
    public string Hash()
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(MemoryMarshal.AsBytes<double>(weights), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest).ToString("x16");
    }

    /// <summary>The probability that the reference disagrees; NaN (never accepted) when inputs are missing, too many or no numbers. Allocates nothing.</summary>
    public double Probability(in ScoreReading reading, ReadOnlySpan<float> inputs)
    {
        if (inputs.Length != Inputs || (uint)reading.Predicted >= (uint)Classes)
        {
            return double.NaN;
        }

        var (ratio, logit) = Logarithms(reading);
        var sum = weights[0] + (weights[1] * ratio) + (weights[2] * logit) + (weights[3] * reading.Entropy) + (weights[4] * reading.First) + weights[1 + Measures + reading.Predicted];
        var own = weights.AsSpan(1 + Measures + Classes);
        for (var i = 0; i < own.Length; i++)
        {
            sum += own[i] * inputs[i];
        }

        return 1 / (1 + Math.Exp(-sum));
    }

    /// <summary>Number of features of a head, logistic or boosted.</summary>
    public static int Width(int classes, int inputs) => Measures + classes + inputs;

    /// <summary>Writes the features: ln(p1/p2), logit(p1), entropy, p1, one per class (1 for the predicted one), the inputs.</summary>
    /// <param name="reading">What was read out of valid scores.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="row">Takes <see cref="Width"/> numbers.</param>
    public static void Fill(in ScoreReading reading, ReadOnlySpan<float> inputs, int classes, Span<double> row)
    {
        row.Clear();
        (row[0], row[1]) = Logarithms(reading);
        row[2] = reading.Entropy;
        row[3] = reading.First;
        row[Measures + reading.Predicted] = 1;
        for (var i = 0; i < inputs.Length; i++)
        {
            row[Measures + classes + i] = inputs[i];
        }
    }

    private static (double Ratio, double Logit) Logarithms(in ScoreReading reading)
    {
        var first = Math.Clamp(reading.First, Least, 1 - Least);
        return (Math.Log(first / Math.Max(reading.Second, Least)), Math.Log(first / (1 - first)));
    }
}
