using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Workflows.Actors;
using Lepton.Workflows.Pipelines;
using Lepton.Workflows.Results;

namespace Lepton.Workflows.Gates;

/// <summary>A gate as people read it.</summary>
internal sealed record GateView
{
    public required string Pipeline { get; init; }

    /// <summary>coldStart, recalibrating, open or broken; topTier where nobody can be asked.</summary>
    public required string Phase { get; init; }

    /// <summary>Whether the promise is kept, in words.</summary>
    public required string Guarantee { get; init; }

    public string? Mode { get; init; }

    public double? Alpha { get; init; }

    public double? Delta { get; init; }

    /// <summary>Labels behind the threshold, errors among them, and which error's doubt the threshold is.</summary>
    public int N { get; init; }

    public int Errors { get; init; }

    public int M { get; init; }

    /// <summary>The threshold: null while nothing is accepted, and when every doubt is.</summary>
    public double? Tau { get; init; }

    /// <summary>Thresholds by class; null when all classes share one.</summary>
    public double?[]? TauByClass { get; init; }

    public double Bound { get; init; }

    public double AchievedBound { get; init; } = 1;

    /// <summary>Audited events behind the achieved bound, and those whose wrong answer stood.</summary>
    public int Shadow { get; init; }

    public int Losses { get; init; }

    /// <summary>Share of the events since this process started that were escalated; null before any.</summary>
    public double? EscalationRate { get; init; }

    public int Alarms { get; init; }

    public string? LastAlarm { get; init; }

    /// <summary>The breaker's credit: at or below 0 nothing is accepted.</summary>
    public double? Breaker { get; init; }

    public BudgetFigures? Budget { get; init; }

    /// <summary>The smallest alpha that the budget can buy.</summary>
    public double? AffordableAlpha { get; init; }

    /// <summary>Key of models and settings, counter of calibrations, counter of changes.</summary>
    public string? Calibration { get; init; }

    public int Epoch { get; init; }

    public long Version { get; init; }

    /// <summary>The model whose verdicts are the reference, by SHA-256 or name.</summary>
    public string? Reference { get; init; }

    /// <summary>What became of escalations and audits since the gate exists.</summary>
    public GateCounts Counts { get; init; } = new();

    /// <summary>Escalations and audits that ended with a second revision.</summary>
    public long Endings => Counts.Endings;

    public static GateView Of(Tier tier, GateReplica? replica, TallyFigures? figures)
    {
        if (tier.Gate is not { } gate || replica?.Current is not { } held)
        {
            return new GateView { Pipeline = tier.Pipeline.Name, Phase = "topTier", Guarantee = "none: there is no tier above to differ from" };
        }

        var (report, common) = (held.Snapshot.Report, held.Snapshot.Thresholds.Common);
        return new GateView
        {
            Pipeline = tier.Pipeline.Name,
            Phase = NameOf(held.Snapshot.Phase),
            Guarantee = report.Sentence,
            Mode = tier.Pipeline.Gate.Mode,
            Alpha = gate.Settings.Guarantee.Alpha,
            Delta = gate.Settings.Guarantee.Mode == GuaranteeMode.Pac ? gate.Settings.Guarantee.Delta : null,
            N = report.Labels,
            Errors = report.Errors,
            M = common.Order,
            Tau = Finite(common.Threshold),
            TauByClass = held.Snapshot.Thresholds.ByClass.Count == 0 ? null : [.. held.Snapshot.Thresholds.ByClass.Select(each => Finite(each.Threshold))],
            Bound = report.Bound,
            AchievedBound = report.AchievedBound,
            Shadow = report.ShadowLabels,
            Losses = report.Losses,
            EscalationRate = figures is { Events: > 0 } ? Math.Round((double)figures.Escalated / figures.Events, 4) : null,
            Alarms = held.Page.Alarms,
            LastAlarm = held.Page.LastAlarm,
            Breaker = held.Memory.Credit,
            Budget = replica.Free is { } free ? new BudgetFigures(Math.Floor(free.Bytes), Math.Floor(free.ReserveBytes), free.Price) : null,
            AffordableAlpha = replica.Affordable,
            Calibration = held.Snapshot.Key,
            Epoch = held.Snapshot.Epoch,
            Version = held.Version,
            Reference = held.Page.Reference,
            Counts = held.Page.Counts,
        };
    }

    public static string NameOf(GatePhase phase) => phase switch
    {
        GatePhase.ColdStart => "coldStart",
        GatePhase.Recalibrating => "recalibrating",
        GatePhase.Open => "open",
        _ => "broken",
    };

    private static double? Finite(double threshold) => double.IsFinite(threshold) ? threshold : null;
}

/// <summary>What is left of a budget: bytes for escalations, bytes for labels, and the price that an escalation must be worth.</summary>
internal sealed record BudgetFigures(double Bytes, double ReserveBytes, double Price);
