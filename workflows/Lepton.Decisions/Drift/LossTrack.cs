namespace Lepton.Decisions.Drift;

/// <summary>
/// What the losses of independently chosen labels add up to, one after the other: the breaker's credit and the harm alarm's evidence.
/// Mean loss over S labels stays at or below alpha + (1 + alpha / step) / S for any sequence, since without credit everything escalates.
/// </summary>
/// <param name="Credit">The breaker: at or below 0 nothing is accepted.</param>
/// <param name="Mild">Evidence, as a betting ratio, that the risk lies slightly above alpha.</param>
/// <param name="Strong">The same for a risk far above alpha.</param>
public readonly record struct LossTrack(double Credit, double Mild, double Strong)
{
    private const double MildStake = 1;
    private const double StrongStake = 4;
    private const double Proof = 1000;

    /// <summary>The track before any label.</summary>
    public static LossTrack Start(double alpha) => new(alpha, 1, 1);

    /// <summary>Whether the breaker is open: everything escalates.</summary>
    public bool Open => Credit <= 0;

    /// <summary>Whether harm is proven: the bets have multiplied a thousandfold, which a risk of alpha brings about no more often than once in a thousand labels.</summary>
    public bool Harm => (Mild + Strong) / 2 > Proof;

    /// <summary>The track after one more label.</summary>
    /// <param name="lost">Whether a wrong answer stood.</param>
    /// <param name="alpha">The risk allowed.</param>
    /// <param name="step">How fast credit moves: a quarter of alpha by default, half of it to be strict.</param>
    public LossTrack Next(bool lost, double alpha, double step)
    {
        var excess = (lost ? 1 : 0) - alpha;
        return new(Math.Min(alpha, Credit - (step * excess)), Math.Max(Mild, 1) * (1 + (MildStake * excess)), Math.Max(Strong, 1) * (1 + (StrongStake * excess)));
    }
}
