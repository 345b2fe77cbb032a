using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>
/// Keeps critical classes from being missed: an answer that says otherwise is not accepted when the critical class's own score reaches a level
/// calibrated on the events that truly were of that class.
/// </summary>
public sealed class CriticalGuard
{
    private readonly (int Class, double Level)[] levels;

    private CriticalGuard((int, double)[] levels) => this.levels = levels;

    /// <summary>A guard of no class.</summary>
    public static CriticalGuard None { get; } = new([]);

    /// <summary>The score of a critical class from which on an answer that says otherwise escalates: 0 until labels suffice, positive infinity when nothing needs guarding.</summary>
    public double LevelOf(int critical)
    {
        foreach (var (guarded, level) in levels)
        {
            if (guarded == critical)
            {
                return level;
            }
        }

        return double.PositiveInfinity;
    }

    /// <summary>The guard of a set of labels under the thresholds in force.</summary>
    public static CriticalGuard Of(ReadOnlySpan<Label> labels, ClassThresholds thresholds, GateSettings settings)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Critical.Count == 0)
        {
            return None;
        }

        var levels = new (int, double)[settings.Critical.Count];
        var next = 0;
        foreach (var (critical, alpha) in settings.Critical)
        {
            var missed = new List<double>();
            var count = 0;
            foreach (var label in labels)
            {
                if (label.Reference == critical)
                {
                    count++;
                    if (label.Predicted != critical && label.Compared < thresholds.For(label.Predicted).Threshold)
                    {
                        missed.Add(label.CriticalScore);
                    }
                }
            }

            missed.Sort();
            var order = new Guarantee(alpha, settings.Guarantee.Mode, settings.Guarantee.Delta).Order(count);
            levels[next++] = (critical, order == 0 ? 0 : missed.Count >= order ? missed[order - 1] : double.PositiveInfinity);
        }

        return new(levels);
    }

    /// <summary>Whether an answer must not be accepted since a critical class is too likely.</summary>
    public bool Stops(int predicted, ReadOnlySpan<double> scores)
    {
        foreach (var (critical, level) in levels)
        {
            // Labels keep the score in single precision, so it is compared in it.
            if (predicted != critical && (uint)critical < (uint)scores.Length && (float)scores[critical] >= level)
            {
                return true;
            }
        }

        return false;
    }
}
