using Lepton.Contracts.Events;
using Lepton.Decisions.Drift;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Labels;

namespace Lepton.Decisions.Gates;

/// <summary>Where a gate stands.</summary>
public enum GatePhase
{
    /// <summary>Gathering its first calibration: nothing is accepted.</summary>
    ColdStart,

    /// <summary>Gathering a new one after an alarm: nothing is accepted.</summary>
    Recalibrating,

    /// <summary>Calibrated.</summary>
    Open,

    /// <summary>Calibrated, but too much harm came of late: nothing is accepted until the credit is back.</summary>
    Broken,
}

/// <summary>All that deciding needs, immutable: replaced as a whole when feedback has changed it, and shared by any number of threads.</summary>
public sealed class GateSnapshot
{
    private readonly GateSettings settings;
    private readonly GateHead? head;

    internal GateSnapshot(GateSettings settings, GateHead? head, string key, int epoch, GatePhase phase, ClassThresholds thresholds, CriticalGuard guard, ErrorCurve errors, GateReport report)
    {
        this.settings = settings;
        this.head = head;
        (Key, Epoch, Phase, Thresholds, Guard, Errors, Report) = (key, epoch, phase, thresholds, guard, errors, report);
    }

    /// <summary>The key of models and settings that it belongs to.</summary>
    public string Key { get; }

    /// <summary>Counts the calibrations: labels of another epoch are not learned from.</summary>
    public int Epoch { get; }

    /// <summary>Where the gate stands.</summary>
    public GatePhase Phase { get; }

    /// <summary>The thresholds in force.</summary>
    public ClassThresholds Thresholds { get; }

    /// <summary>The guard of critical classes.</summary>
    public CriticalGuard Guard { get; }

    /// <summary>How likely an answer is wrong, by its doubt.</summary>
    public ErrorCurve Errors { get; }

    /// <summary>What the gate promises and what it has kept.</summary>
    public GateReport Report { get; }

    /// <summary>Decides about an answer of any kind: by its scores, or by the doubt that it brings. Nothing that holds a number which is none is believed.</summary>
    /// <param name="salt">The secret of the coin.</param>
    /// <param name="id">The event's id.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="inputs">The edge's inputs, for head and novelty; empty when there are none.</param>
    /// <param name="novelty">The scale of novelty; null when the pipeline has none.</param>
    /// <param name="doubt">What a head outside of this snapshot says of a classifier's answer; null when there is none.</param>
    public GateRuling Decide(Salt salt, ReadOnlySpan<char> id, Answer answer, ReadOnlySpan<float> inputs = default, Novelty? novelty = null, double? doubt = null)
    {
        ArgumentNullException.ThrowIfNull(salt);
        ArgumentNullException.ThrowIfNull(answer);
        if (!Disagreement.IsBelievable(answer))
        {
            return Decide(salt.HashOf(id), ScoreReading.Invalid, [], false, Reasons.InvalidScores);
        }

        if (answer.Scores is { } scores)
        {
            return Decide(salt, id, scores, inputs, novelty, doubt);
        }

        var novel = IsNovel(novelty, inputs);
        return answer.Uncertainty is { } own ? Decide(salt.HashOf(id), ScoreReading.Own(own), [], novel, Reasons.InvalidScores)
            : Decide(salt.HashOf(id), ScoreReading.Invalid, [], novel, Reasons.Unmeasured);
    }

    /// <summary>Decides about a classifier's scores. Pure, allocates nothing.</summary>
    /// <param name="salt">The secret of the coin.</param>
    /// <param name="id">The event's id.</param>
    /// <param name="scores">One score per class.</param>
    /// <param name="inputs">The edge's inputs, for head and novelty; empty when there are none.</param>
    /// <param name="novelty">The scale of novelty; null when the pipeline has none.</param>
    /// <param name="doubt">What a boosted head says of the event, in place of the scores' own doubt; null when there is none. A doubt that is no number is never accepted.</param>
    public GateRuling Decide(Salt salt, ReadOnlySpan<char> id, ReadOnlySpan<double> scores, ReadOnlySpan<float> inputs = default, Novelty? novelty = null, double? doubt = null)
    {
        ArgumentNullException.ThrowIfNull(salt);
        var reading = scores.Length == settings.Classes ? Scores.Read(scores, settings.Score, settings.Softmax) : ScoreReading.Invalid;
        if (reading.Valid && (doubt ?? head?.Probability(reading, inputs)) is { } better)
        {
            reading = better is >= 0 and <= 1 ? reading with { Doubt = (float)better } : ScoreReading.Invalid;
        }

        return Decide(salt.HashOf(id), reading, scores, IsNovel(novelty, inputs), Reasons.InvalidScores);
    }

    /// <summary>Decides about an answer that brings its own doubt: a detector's frame or a regression's value.</summary>
    public GateRuling Decide(Salt salt, ReadOnlySpan<char> id, double doubt)
    {
        ArgumentNullException.ThrowIfNull(salt);
        return Decide(salt.HashOf(id), ScoreReading.Own(doubt), [], false, Reasons.InvalidScores);
    }

    private static bool IsNovel(Novelty? novelty, ReadOnlySpan<float> inputs) => novelty is not null && !(novelty.Of(inputs) <= novelty.Limit);

    private GateRuling Decide(ulong hash, in ScoreReading reading, ReadOnlySpan<double> scores, bool novel, Reasons unreadable)
    {
        // The coin falls before the doubt is looked at: its events are a fair sample of all.
        var shadow = Salt.Share(hash, Draw.Shadow) < settings.Epsilon;
        var threshold = Thresholds.For(reading.Predicted).Threshold;
        var compared = reading.Valid ? Label.Jittered(reading.Doubt, hash) : double.NaN;
        var reasons = reading.Valid ? NeedOf(reading, scores, novel, compared, threshold) : unreadable;
        var designation = !reading.Valid ? Designation.None
            : Phase == GatePhase.ColdStart ? Designation.Cold
            : Phase == GatePhase.Recalibrating ? Designation.Burst
            : shadow ? Designation.Shadow : Designation.None;
        if (designation != Designation.None && settings.TrainingShare > 0 && Use.MayTrain(hash, designation, settings.TrainingShare))
        {
            designation = Designation.None;
        }

        var propensity = reasons == Reasons.Confident ? settings.Epsilon : 1;
        return new(shadow ? reasons | Reasons.Shadow : reasons, hash, Epoch, designation, propensity, reading, compared, threshold, Errors.At(reading.Doubt, reading.Predicted));
    }

    private Reasons NeedOf(in ScoreReading reading, ReadOnlySpan<double> scores, bool novel, double compared, double threshold) =>
        settings.AlwaysCloud ? Reasons.PolicyAlwaysCloud
        : Phase == GatePhase.ColdStart ? Reasons.ColdStart
        : Phase == GatePhase.Recalibrating ? Reasons.RecalibrationBurst
        : Phase == GatePhase.Broken ? Reasons.BreakerOpen
        : Guard.Stops(reading.Predicted, scores) ? Reasons.CriticalClass
        : novel ? Reasons.NovelInput
        : compared < threshold ? Reasons.Confident
        : Reasons.Uncertain;
}
