namespace Lepton.Contracts.Resources;

/// <summary>Reads <c>gate</c> and <c>escalate</c> of a pipeline.</summary>
internal static class GateReader
{
    // A smaller risk would need more labels than a gate keeps.
    private const double LeastRisk = 0.001;

    public static GatePlan ReadGate(YamlMap? gate)
    {
        if (gate is null)
        {
            return new GatePlan();
        }

        if (gate.Has("threshold"))
        {
            gate.Report("threshold", "is not set by hand any more: the gate calibrates it", "delete it and state the risk allowed instead, such as `alpha: 0.05`: the share of answers that may stand although the tier above would give another");
        }

        var alpha = Risk(gate, "alpha", 0.05);
        var plan = new GatePlan
        {
            Alpha = alpha,
            Mode = gate.Choice("mode", "pac", "pac", "expected"),
            Delta = Risk(gate, "delta", 0.05),
            Score = gate.Choice("score", "margin", "margin", "top", "entropy"),
            Shadow = gate.Number("shadow", 0.05, 0, 1),
            PerClass = gate.Flag("perClass", false),
            Critical = ReadCritical(gate.Map("critical"), alpha),
            WarmUp = gate.WholeNumber("warmUp", 3, 1, 5),
            Window = gate.WholeNumber("window", 2000, 1, 10_000),
            Tolerance = gate.Text("tolerance") is not null ? gate.Number("tolerance", 0, 0) : null,
            Overlap = gate.Number("overlap", 0.5, 0.01, 1),
            Novelty = gate.Texts("novelty"),
            AlwaysCloud = gate.Flag("alwaysCloud", false),
        };
        gate.Close();
        return plan;
    }

    public static EscalationPlan ReadEscalation(YamlMap? escalate)
    {
        if (escalate is null)
        {
            return new EscalationPlan();
        }

        var plan = new EscalationPlan
        {
            To = escalate.Choice("to", "cloud", "fog", "cloud"),
            Deadline = escalate.Duration("deadline", TimeSpan.FromDays(1)),
            Provisional = escalate.Choice("provisional", "true", "true", "false", "whenLate") switch
            {
                "false" => ProvisionalAnswers.Never,
                "whenLate" => ProvisionalAnswers.WhenLate,
                _ => ProvisionalAnswers.Always,
            },
            ParkFor = escalate.Text("parkFor") is not null ? escalate.Duration("parkFor", default) : null,
            RejectWhenUnsure = escalate.Flag("rejectWhenUnsure", false),
            Budget = ReadBudget(escalate.Map("budget")),
        };
        escalate.Close();
        return plan;
    }

    private static SortedDictionary<string, double> ReadCritical(YamlMap? critical, double alpha)
    {
        var classes = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var label in critical?.Keys ?? [])
        {
            classes[label] = Risk(critical!, label, alpha);
        }

        return classes;
    }

    private static BudgetPlan? ReadBudget(YamlMap? budget)
    {
        if (budget is null)
        {
            return null;
        }

        foreach (var required in new[] { "rate", "burst" })
        {
            if (!budget.Has(required))
            {
                budget.Report(required, "is missing", "write both: `budget: {rate: 20KiB, burst: 2MiB}`, the bytes a second on average and the bytes at once");
            }
        }

        var burst = budget.Bytes("burst", 1);
        var plan = new BudgetPlan(budget.Bytes("rate", 1), burst, Math.Max(1, budget.Bytes("payload", Math.Max(1, burst / 100))), budget.Number("share", 1, 0.001, 1));
        budget.Close();
        return plan;
    }

    private static double Risk(YamlMap map, string key, double otherwise) => map.Number(key, otherwise, LeastRisk, 1 - LeastRisk);
}
