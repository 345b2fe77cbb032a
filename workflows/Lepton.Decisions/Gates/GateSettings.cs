using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lepton.Decisions.Gates;

/// <summary>How one gate is to work. Everything in it is part of the key under which the gate's state is kept.</summary>
public sealed record GateSettings
{
    /// <summary>What the gate promises.</summary>
    public required Guarantee Guarantee { get; init; }

    /// <summary>Number of classes; 1 for a detector or a regression, whose answers bring their own doubt.</summary>
    public required int Classes { get; init; }

    /// <summary>Which doubt is compared when there is no head.</summary>
    public ScoreKind Score { get; init; } = ScoreKind.Margin;

    /// <summary>True when scores must add up to 1.</summary>
    public bool Softmax { get; init; } = true;

    /// <summary>True for an own threshold in each predicted class that has labels enough; the others share one.</summary>
    public bool PerClass { get; init; }

    /// <summary>Classes that must not be missed, with the share of their events that may be.</summary>
    public IReadOnlyDictionary<int, double> Critical { get; init; } = new SortedDictionary<int, double>();

    /// <summary>How far a detector's or a regression's answers may differ from the reference and still agree.</summary>
    public Tolerance Tolerance { get; init; } = new(0);

    /// <summary>Share of events that the coin labels, whatever their scores.</summary>
    public double Epsilon { get; init; } = 0.05;

    /// <summary>Share of the independently chosen labels that is left to training and kept from the gate.</summary>
    public double TrainingShare { get; init; }

    /// <summary>How many times the first opening's labels are gathered before the gate opens.</summary>
    public int WarmUp { get; init; } = 3;

    /// <summary>How many labels are kept; never fewer than the warm-up needs.</summary>
    public int Window { get; init; } = 2000;

    /// <summary>The breaker's step as a share of alpha.</summary>
    public double BreakerStep { get; init; } = 0.25;

    /// <summary>True when everything is sent up.</summary>
    public bool AlwaysCloud { get; init; }

    /// <summary>The labels that a calibration gathers before the gate opens.</summary>
    public int LabelsNeeded => WarmUp * Guarantee.FirstOpening;

    /// <summary>16 hexadecimal digits that differ for different settings.</summary>
    public string Hash()
    {
        var critical = string.Join(',', Critical.OrderBy(pair => pair.Key).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value:R}")));
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"1|{Guarantee.Alpha:R}|{Guarantee.Mode}|{Guarantee.Delta:R}|{Classes}|{Score}|{Softmax}|{PerClass}|{critical}|{Tolerance.Loss:R}|{Tolerance.Overlap:R}|{Epsilon:R}|{TrainingShare:R}|{WarmUp}|{Window}|{BreakerStep:R}|{AlwaysCloud}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
    }

    /// <summary>The key of a gate's state: another model, head or setting has another key, and its gate starts cold.</summary>
    /// <param name="edgeModel">SHA-256 of the model that answers.</param>
    /// <param name="cloudModel">SHA-256 of the model that gives the reference.</param>
    /// <param name="head">Hash of the gate head; null when there is none.</param>
    public string Key(string edgeModel, string cloudModel, string? head = null) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{edgeModel}|{cloudModel}|{head}|{Hash()}")).AsSpan(0, 16));
}

/// <summary>A vendor's calibration, shipped with a model: used until the gate has gathered its own.</summary>
/// <param name="Labels">How many labelled events it rests on.</param>
/// <param name="Wrong">The doubts of the wrong ones, ascending.</param>
public sealed record PriorCalibration(int Labels, IReadOnlyList<double> Wrong);
