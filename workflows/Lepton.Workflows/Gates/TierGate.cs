using Lepton.Contracts.Events;
using Lepton.Contracts.Resources;
using Lepton.Decisions.Feasibility;
using Lepton.Decisions.Gates;
using Lepton.Workflows.Admission;

namespace Lepton.Workflows.Gates;

/// <summary>How the gate of a pipeline works on this tier, from the pipeline's file and the model in use.</summary>
internal sealed class TierGate
{
    private readonly Pipeline pipeline;
    private readonly int[] novelty;
    private readonly Dictionary<int, double> costs;
    private readonly TierHead? head;

    private TierGate(Pipeline pipeline, GateSettings settings, TierHead? head, string calibration)
    {
        (this.pipeline, Settings, this.head, Calibration) = (pipeline, settings, head, calibration);
        novelty = [.. pipeline.Gate.Novelty.Select(name => pipeline.Source.Values.ToList().IndexOf(name))];

        // What may be missed ten times less often costs ten times as much.
        costs = settings.Critical.ToDictionary(critical => critical.Key, critical => Math.Max(1, settings.Guarantee.Alpha / critical.Value));
        Policy = new EscalationPolicy(pipeline.Escalation.Provisional, pipeline.Escalation.RejectWhenUnsure, pipeline.Escalation.ParkFor ?? pipeline.Escalation.Deadline);
    }

    public GateSettings Settings { get; }

    /// <summary>The key of model, head and settings; the reference's model is told by its verdicts.</summary>
    public string Calibration { get; }

    public EscalationPolicy Policy { get; }

    /// <summary>The gate of a tier; null where there is no tier above to ask, or with faults.</summary>
    public static TierGate? Of(Pipeline pipeline, string tier, Model model, List<Fault> faults)
    {
        if (Rank(tier) >= Rank(pipeline.Escalation.To))
        {
            return null;
        }

        var plan = pipeline.Gate;
        var classes = model.Decoder is "probabilities" or "logits" ? model.Labels.Count : 1;
        var critical = new SortedDictionary<int, double>();
        foreach (var (label, alpha) in plan.Critical)
        {
            if (classes == 1 || !model.Labels.Contains(label))
            {
                faults.Add(new Fault(pipeline.File, 0, $"`spec.gate.critical` names '{label}', which model '{model.Id}' does not score", classes == 1 ? "delete it: only classifiers have critical classes" : $"use some of {string.Join(", ", model.Labels)}"));
                continue;
            }

            critical[model.Labels.ToList().IndexOf(label)] = alpha;
        }

        if (model.Decoder == "value" && plan.Tolerance is null)
        {
            faults.Add(new Fault(pipeline.File, 0, $"`spec.gate.tolerance` is missing, and model '{model.Id}' answers with a value", "write how far the tiers' values may differ and still agree, in the value's unit: `gate: {tolerance: 0.5}`"));
        }

        var settings = new GateSettings
        {
            Guarantee = new Guarantee(plan.Alpha, plan.Mode == "expected" ? GuaranteeMode.Expected : GuaranteeMode.Pac, plan.Delta),
            Classes = classes,
            Score = plan.Score switch { "top" => ScoreKind.Top, "entropy" => ScoreKind.Entropy, _ => ScoreKind.Margin },
            PerClass = plan.PerClass,
            Critical = critical,
            Tolerance = new Tolerance(plan.Tolerance ?? 0, plan.Overlap),
            Epsilon = plan.Shadow,
            WarmUp = plan.WarmUp,
            Window = plan.Window,
            AlwaysCloud = plan.AlwaysCloud,
        };
        var head = TierHead.Read(pipeline, model, classes, faults);
        return new TierGate(pipeline, settings, head, settings.Key(model.Sha256, "", head?.Hash));
    }

    /// <summary>What the head says of an answer, in place of its own doubt; null without a head. Not for several threads.</summary>
    public double? DoubtOf(AdmittedEvent admitted, Answer answer) => head?.DoubtOf(admitted, answer, Settings);

    /// <summary>The values of an event that novelty is looked for in; none when the pipeline looks for none.</summary>
    public float[] InputsOf(AdmittedEvent admitted) =>
        novelty.Length == 0 || admitted.Input.Series is not { } series ? [] : [.. novelty.Select(index => (float)series.Values[index])];

    public double CostOf(int predicted) => costs.GetValueOrDefault(predicted, 1);

    public Budget? NewBudget(DateTimeOffset now) =>
        pipeline.Escalation.Budget is { } budget ? new Budget(budget.BytesPerSecond, budget.Burst, budget.Payload, budget.Share, now) : null;

    private static int Rank(string tier) => tier switch { "edge" => 0, "fog" => 1, _ => 2 };
}
