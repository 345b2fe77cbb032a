namespace Lepton.Decisions.Gates;

/// <summary>In which sense the risk stays at or below alpha.</summary>
public enum GuaranteeMode
{
    /// <summary>With probability 1 - delta over the calibration, the risk of this gate is at most alpha (exact binomial, Learn-then-Test).</summary>
    Pac,

    /// <summary>The risk is at most alpha on average over calibrations (conformal risk control); a single gate exceeds it about half of the time.</summary>
    Expected,
}

/// <summary>
/// What a gate promises about its risk, P(the edge's answer is accepted and differs from the reference), and how many calibration errors it
/// may therefore let below its threshold.
/// </summary>
public readonly record struct Guarantee
{
    /// <summary>Makes a promise.</summary>
    /// <param name="alpha">The risk allowed, above 0 and below 1.</param>
    /// <param name="mode">In which sense it holds.</param>
    /// <param name="delta">How often, over calibrations, <see cref="GuaranteeMode.Pac"/> may fail; above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">alpha or delta is not between 0 and 1.</exception>
    public Guarantee(double alpha, GuaranteeMode mode = GuaranteeMode.Pac, double delta = 0.05)
    {
        Alpha = Inside(alpha, nameof(alpha));
        Delta = Inside(delta, nameof(delta));
        Mode = mode;
    }

    /// <summary>The risk allowed.</summary>
    public double Alpha { get; }

    /// <summary>In which sense it holds.</summary>
    public GuaranteeMode Mode { get; }

    /// <summary>How often, over calibrations, the promise may fail.</summary>
    public double Delta { get; }

    /// <summary>The least number of labels with which the gate can accept anything at all.</summary>
    public int FirstOpening
    {
        get
        {
            var guess = Mode == GuaranteeMode.Expected ? (1 / Alpha) - 1 : Math.Log(Delta) / Math.Log(1 - Alpha);
            var n = Math.Max(1, (int)Math.Ceiling(guess) - 1);
            while (Order(n) == 0)
            {
                n++;
            }

            return n;
        }
    }

    /// <summary>
    /// Which of the sorted doubts of the wrong answers among <paramref name="n"/> labels is the threshold, counted from 1; 0 when the labels do not
    /// suffice and nothing may be accepted.
    /// </summary>
    public int Order(int n)
    {
        if (Mode == GuaranteeMode.Expected)
        {
            // 0.29 * 100 is 28.999999999999996 in doubles: a hair is added so that whole products count as such.
            return (int)Math.Floor((Alpha * (n + 1.0)) + 1e-9);
        }

        // At most k of n calibration errors fall below the point where the risk crosses alpha, with probability <= delta: the (k+1)-th is safe.
        return BinomialTail.LargestRare(n, Alpha, Delta) + 1;
    }

    private static double Inside(double value, string name) =>
        value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must lie between 0 and 1, both excluded");
}
