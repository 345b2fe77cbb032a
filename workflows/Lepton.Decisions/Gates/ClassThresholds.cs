using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>The thresholds by predicted class, or the one of all classes.</summary>
public sealed class ClassThresholds
{
    private readonly Calibration[] byClass;

    private ClassThresholds(Calibration common, Calibration[] byClass) => (Common, this.byClass) = (common, byClass);

    /// <summary>Thresholds that accept nothing.</summary>
    public static ClassThresholds Closed { get; } = new(Calibration.Closed, []);

    /// <summary>The calibration of all classes, or of those without labels enough for their own.</summary>
    public Calibration Common { get; }

    /// <summary>One calibration per class; empty when all classes share one.</summary>
    public IReadOnlyList<Calibration> ByClass => byClass;

    /// <summary>The calibration that an answer of this class is held against.</summary>
    public Calibration For(int predicted) => (uint)predicted < (uint)byClass.Length ? byClass[predicted] : Common;

    /// <summary>One threshold from a vendor's calibration.</summary>
    public static ClassThresholds Of(PriorCalibration prior, Guarantee guarantee)
    {
        ArgumentNullException.ThrowIfNull(prior);
        return new(Calibration.Of(prior.Labels, [.. prior.Wrong], guarantee), []);
    }

    /// <summary>The thresholds of a set of labels; their order does not matter.</summary>
    public static ClassThresholds Of(ReadOnlySpan<Label> labels, GateSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.PerClass)
        {
            return new(Calibrate(labels, settings, _ => true), []);
        }

        var counts = new int[settings.Classes];
        foreach (var label in labels)
        {
            if ((uint)label.Predicted < (uint)counts.Length)
            {
                counts[label.Predicted]++;
            }
        }

        // A class that could not open its own gate is pooled with its like; only predicted classes are used, since the class is all that is known when deciding.
        var first = settings.Guarantee.FirstOpening;
        bool Pooled(int predicted) => (uint)predicted >= (uint)counts.Length || counts[predicted] < first;
        var common = Calibrate(labels, settings, Pooled);
        var byClass = new Calibration[settings.Classes];
        for (var c = 0; c < byClass.Length; c++)
        {
            var mine = c;
            byClass[c] = Pooled(c) ? common : Calibrate(labels, settings, predicted => predicted == mine);
        }

        return new(common, byClass);
    }

    internal static ClassThresholds Restore(Calibration common, Calibration[] byClass) => new(common, byClass);

    private static Calibration Calibrate(ReadOnlySpan<Label> labels, GateSettings settings, Func<int, bool> includes)
    {
        var wrong = new List<double>();
        var count = 0;
        foreach (var label in labels)
        {
            if (includes(label.Predicted))
            {
                count++;
                if (label.Wrong)
                {
                    wrong.Add(label.Compared);
                }
            }
        }

        wrong.Sort();
        return Calibration.Of(count, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(wrong), settings.Guarantee);
    }
}
