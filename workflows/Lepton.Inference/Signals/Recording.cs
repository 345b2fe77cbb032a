namespace Lepton.Inference.Signals;

/// <summary>One annotated beat of a recording: the truth, which no node ever reads.</summary>
/// <param name="Sample">Sample index of the annotation (0 is the first sample of the recording).</param>
/// <param name="Symbol">The MIT-BIH beat symbol, such as <c>'N'</c>, <c>'V'</c> or <c>'A'</c>.</param>
public readonly record struct BeatAnnotation(int Sample, char Symbol);

/// <summary>An ECG recording of one patient: its leads in millivolts and, where known, its annotated beats.</summary>
/// <param name="Name">Name of the record, such as <c>100</c>.</param>
/// <param name="Rate">Samples per second, above 0.</param>
/// <param name="Leads">One array of samples in mV per lead, all of one length; the limb lead MLII comes first where there is one.</param>
/// <param name="LeadNames">The leads' names as the header gives them, in the order of <paramref name="Leads"/>.</param>
/// <param name="Annotations">The annotated beats in order of time; empty where the recording has none.</param>
public sealed record Recording(string Name, double Rate, float[][] Leads, string[] LeadNames, IReadOnlyList<BeatAnnotation> Annotations)
{
    /// <summary>Samples per lead.</summary>
    public int Length => Leads[0].Length;
}
