using Lepton.Decisions.Drift;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>
/// What a gate has learned: labels in, snapshots out. One writer owns it. Labels may come twice and in any order; what comes out is the same.
/// Not safe for use by several threads; the snapshots are.
/// </summary>
public sealed class GateMemory
{
    // Three benign alarms leave the watch at 3.4 times its constant; with more it would be deaf.
    private const int MostBenign = 3;
    private const double BenignFactor = 1.5;
    private readonly GateHead? head;
    private readonly PriorCalibration? prior;
    private readonly LabelWindow window;

    /// <summary>A gate that starts cold.</summary>
    /// <param name="settings">How it works.</param>
    /// <param name="key">The key of models and settings, from <see cref="GateSettings.Key"/>.</param>
    /// <param name="head">The head fitted for these models; null for none.</param>
    /// <param name="prior">A vendor's calibration; null for none.</param>
    public GateMemory(GateSettings settings, string key, GateHead? head = null, PriorCalibration? prior = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (Settings, Key, this.head, this.prior) = (settings, key, head, prior);
        window = new LabelWindow(Math.Max(settings.Window, settings.LabelsNeeded), settings.Guarantee.Alpha, settings.BreakerStep * settings.Guarantee.Alpha);
        Before = ClassThresholds.Closed;
    }

    /// <summary>How it works.</summary>
    public GateSettings Settings { get; }

    /// <summary>The key of models and settings.</summary>
    public string Key { get; }

    /// <summary>Counts the calibrations.</summary>
    public int Epoch { get; private set; }

    /// <summary>Labels held.</summary>
    public int Count => window.Count;

    /// <summary>Where the gate stands now; O(1). A snapshot of another phase is out of date.</summary>
    public GatePhase Phase => !IsComplete && !UsesPrior ? Epoch == 0 ? GatePhase.ColdStart : GatePhase.Recalibrating : window.Track.Open ? GatePhase.Broken : GatePhase.Open;

    /// <summary>Whether the losses prove harm: the caller answers with <see cref="Alarm"/>.</summary>
    public bool Harm => window.Track.Harm;

    /// <summary>By which factor benign alarms have raised the constant of the label-free watch.</summary>
    public double Deafness => Math.Pow(BenignFactor, Math.Min(MostBenign, BenignAlarms + (IsBenign() ? 1 : 0)));

    internal LabelWindow Window => window;

    internal ClassThresholds Before { get; private set; }

    internal int BenignAlarms { get; private set; }

    /// <summary>Learns one label. O(log n) and a few microseconds; allocates nothing.</summary>
    public Learning Learn(in Label label)
    {
        if (label.Epoch != Epoch)
        {
            return Learning.Stale;
        }

        // Only a critical class's score is ever looked at again, and the archive is small without the others.
        return label.Designation == Designation.None ? Learning.NotIndependent
            : window.Add(Settings.Critical.ContainsKey(label.Reference) ? label : label with { CriticalScore = 0 });
    }

    /// <summary>Begins a new calibration: nothing is accepted until it is complete. What was in force is kept, to judge afterwards whether the alarm was benign.</summary>
    public void Alarm()
    {
        BenignAlarms += IsBenign() ? 1 : 0;
        Before = CurrentThresholds();
        Epoch++;
        window.Clear();
    }

    /// <summary>Forgets everything for a reference that is another one: nothing learned before says anything about it.</summary>
    public void StartOver()
    {
        (Before, BenignAlarms) = (ClassThresholds.Closed, 0);
        Epoch++;
        window.Restore(LossTrack.Start(Settings.Guarantee.Alpha), null, []);
    }

    /// <summary>The doubts of the oldest labels held, as many as a calibration needs: what the label-free watch compares with. Empty while the gate is not calibrated.</summary>
    public float[] Reference()
    {
        var doubts = new float[IsComplete ? Settings.LabelsNeeded : 0];
        for (var i = 0; i < doubts.Length; i++)
        {
            doubts[i] = window.Labels[i].Doubt;
        }

        return doubts;
    }

    /// <summary>The breaker's credit: at or below 0 nothing is accepted.</summary>
    public double Credit => window.Track.Credit;

    /// <summary>The risk that is proven when only the most doubtful <paramref name="share"/> of events is escalated: what a budget can buy.</summary>
    public double SmallestAlphaFor(double share) => SmallestAlpha.For(window.Labels, share, Settings.Guarantee.Delta);

    /// <summary>What deciding needs, from what is known now. O(n log n): take it when labels have changed, not for each event.</summary>
    public GateSnapshot Snapshot()
    {
        var labels = window.Labels;
        var complete = IsComplete || UsesPrior;
        var thresholds = complete ? CurrentThresholds() : ClassThresholds.Closed;
        var bound = thresholds.ByClass.Append(thresholds.Common).Max(calibration => calibration.Bound);
        var report = GateReport.Of(labels, thresholds.ByClass.Append(thresholds.Common).MaxBy(calibration => calibration.Order), complete ? 0 : Settings.LabelsNeeded - Count, bound, Settings.Guarantee);
        return new(Settings, head, Key, Epoch, Phase, thresholds, CriticalGuard.Of(labels, thresholds, Settings), ErrorCurve.Of(labels, Settings.Classes), report);
    }

    internal void Restore(int epoch, int benign, ClassThresholds before, LossTrack basis, Label? evicted, IEnumerable<Label> labels)
    {
        (Epoch, BenignAlarms, Before) = (epoch, benign, before);
        window.Restore(basis, evicted, labels);
    }

    private bool IsComplete => Count >= Settings.LabelsNeeded;

    private bool UsesPrior => prior is not null && Epoch == 0 && !IsComplete;

    private ClassThresholds CurrentThresholds() =>
        UsesPrior ? ClassThresholds.Of(prior!, Settings.Guarantee) : IsComplete ? ClassThresholds.Of(window.Labels, Settings) : ClassThresholds.Closed;

    // An alarm was benign when the old thresholds would have kept alpha on the labels that came after it.
    private bool IsBenign()
    {
        if (Before.Common.Order == 0 || !IsComplete)
        {
            return false;
        }

        var losses = 0;
        foreach (var label in window.Labels)
        {
            losses += label.Wrong && label.Compared < Before.For(label.Predicted).Threshold ? 1 : 0;
        }

        return losses <= Settings.Guarantee.Alpha * Count;
    }
}
