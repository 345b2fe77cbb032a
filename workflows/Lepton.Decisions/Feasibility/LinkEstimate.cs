namespace Lepton.Decisions.Feasibility;

/// <summary>Whether the tier above can be reached.</summary>
public enum LinkState
{
    /// <summary>Yes.</summary>
    Up,

    /// <summary>The last attempt failed, or several did not.</summary>
    Degraded,

    /// <summary>Not for several attempts.</summary>
    Down,
}

/// <summary>What is known of the link to the tier above, from its own traffic. Immutable: each observation makes a new one.</summary>
/// <param name="RoundTrip">Smoothed round trip in seconds, without the time of transfer.</param>
/// <param name="Deviation">Its smoothed deviation in seconds.</param>
/// <param name="BytesPerSecond">Smoothed bandwidth; 0 while nothing is known.</param>
/// <param name="Failures">Failed attempts since the last success.</param>
public readonly record struct LinkEstimate(double RoundTrip, double Deviation, double BytesPerSecond, int Failures = 0)
{
    private const int DownAfter = 3;
    private const double BandwidthWeight = 0.2;

    /// <summary>The state that the failures mean.</summary>
    public LinkState State => Failures == 0 ? LinkState.Up : Failures < DownAfter ? LinkState.Degraded : LinkState.Down;

    /// <summary>After a round trip of <paramref name="seconds"/>: smoothed as TCP does (an eighth for the mean, a quarter for the deviation).</summary>
    public LinkEstimate AfterRoundTrip(double seconds) => RoundTrip == 0
        ? this with { RoundTrip = seconds, Deviation = seconds / 2, Failures = 0 }
        : this with { RoundTrip = (0.875 * RoundTrip) + (0.125 * seconds), Deviation = (0.75 * Deviation) + (0.25 * Math.Abs(RoundTrip - seconds)), Failures = 0 };

    /// <summary>After <paramref name="bytes"/> were sent in <paramref name="seconds"/>; transfers too short to be timed say nothing.</summary>
    public LinkEstimate AfterTransfer(long bytes, double seconds) => seconds <= 0 || bytes <= 0
        ? this
        : this with { BytesPerSecond = BytesPerSecond == 0 ? bytes / seconds : ((1 - BandwidthWeight) * BytesPerSecond) + (BandwidthWeight * bytes / seconds), Failures = 0 };

    /// <summary>After an attempt that failed.</summary>
    public LinkEstimate AfterFailure() => this with { Failures = Failures + 1 };

    /// <summary>Seconds until <paramref name="bytes"/> that stand behind <paramref name="queued"/> others have arrived and an answer could be back. An unknown bandwidth counts as unlimited: only sending can tell it.</summary>
    public double SecondsFor(long bytes, long queued) => (BytesPerSecond > 0 ? (queued + bytes) / BytesPerSecond : 0) + RoundTrip + (4 * Deviation);
}
