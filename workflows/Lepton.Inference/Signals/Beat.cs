namespace Lepton.Inference.Signals;

/// <summary>One detected beat: what an event of the device carries.</summary>
/// <param name="Sample">Sample index of the R peak in the recording.</param>
/// <param name="Leads">One window per lead, <see cref="BeatSegmenter.WindowLength"/> samples in mV.</param>
/// <param name="Timing">The beat's place in the rhythm.</param>
public sealed record Beat(int Sample, float[][] Leads, BeatTiming Timing);

/// <summary>A beat's place in the rhythm of its patient; every time is in seconds, and everything but <paramref name="Next"/> is known from beats before it.</summary>
/// <param name="At">Time of the R peak since the start of the recording.</param>
/// <param name="Previous">From the beat before to this one.</param>
/// <param name="Next">From this beat to the next one.</param>
/// <param name="Before">The interval before <paramref name="Previous"/>.</param>
/// <param name="Local">Median of the last ten intervals before <paramref name="Previous"/>.</param>
/// <param name="Mean">Mean of the intervals of the last five minutes before this beat.</param>
/// <param name="Spread">Mean absolute difference of successive intervals among the last ten.</param>
public sealed record BeatTiming(double At, double Previous, double Next, double Before, double Local, double Mean, double Spread);
