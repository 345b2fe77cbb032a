using Lepton.Contracts.Resources;

namespace Lepton.Decisions.Planning;

/// <summary>
/// The textbook's problem, "as small a share of the edge as possible", in closed form. Both shares fall as the cloud grows, so the answer is the largest
/// ratio r of cloud to edge that some limit still allows, and then no more of anything than that ratio needs.
/// </summary>
public static class ShareSolver
{
    /// <summary>The plan, or why there is none.</summary>
    /// <param name="input">Bounds and prices.</param>
    /// <param name="plan">The plan; with error <c>UNBOUNDED</c> the bare requirement; else null.</param>
    public static PlanError? Solve(ShareInput input, out SharePlan? plan)
    {
        ArgumentNullException.ThrowIfNull(input);
        plan = null;
        if (Invalid(input) is { } invalid)
        {
            return invalid;
        }

        if (Infeasible(input) is { } infeasible)
        {
            return infeasible;
        }

        double a = input.EdgeCompute.Least, c = input.EdgeStorage.Least, perStorage = input.BandwidthPerStorage;
        var least = LeastRatio(input);
        if (CostAt(input, least) > input.Budget)
        {
            return new("INFEASIBLE_BUDGET", $"the bare requirement costs {CostAt(input, least):G6}, but the budget is {input.Budget:G6}", CostAt(input, least), input.Budget);
        }

        (string Limit, double Ratio)[] limits =
        [
            ("cloudCompute", input.CloudCompute.Most / a),
            ("cloudStorage", input.CloudStorage.Most / c),
            ("bandwidth", perStorage > 0 ? input.MaxBandwidth / perStorage / c : double.PositiveInfinity),
            ("budget", AffordedRatio(input)),
        ];
        var ratio = limits.Min(limit => limit.Ratio);
        if (double.IsPositiveInfinity(ratio))
        {
            plan = At(input, least, [], new Dictionary<string, double>());
            return new("UNBOUNDED", "infimum 0 not attained; give a bound on C_C, S_C, B or a budget");
        }

        string[] binding = [.. limits.Where(limit => limit.Ratio <= ratio * (1 + 1e-12)).Select(limit => limit.Limit)];
        var prices = new Dictionary<string, double>();
        foreach (var limit in binding)
        {
            AddShadowPrices(prices, input, limit, ratio);
        }

        plan = At(input, ratio, binding, prices);
        return null;
    }

    private static PlanError? Invalid(ShareInput input) => PlanError.FirstInvalid(
    [
        ("edgeCompute.least", input.EdgeCompute.Least > 0 && double.IsFinite(input.EdgeCompute.Least), input.EdgeCompute.Least, "a number above 0"),
        ("cloudCompute.least", input.CloudCompute.Least > 0 && double.IsFinite(input.CloudCompute.Least), input.CloudCompute.Least, "a number above 0"),
        ("edgeStorage.least", input.EdgeStorage.Least > 0 && double.IsFinite(input.EdgeStorage.Least), input.EdgeStorage.Least, "a number above 0"),
        ("cloudStorage.least", input.CloudStorage.Least > 0 && double.IsFinite(input.CloudStorage.Least), input.CloudStorage.Least, "a number above 0"),
        ("edgeCompute.most", input.EdgeCompute.Most >= 0, input.EdgeCompute.Most, "a number of at least 0"),
        ("cloudCompute.most", input.CloudCompute.Most >= 0, input.CloudCompute.Most, "a number of at least 0"),
        ("edgeStorage.most", input.EdgeStorage.Most >= 0, input.EdgeStorage.Most, "a number of at least 0"),
        ("cloudStorage.most", input.CloudStorage.Most >= 0, input.CloudStorage.Most, "a number of at least 0"),
        ("bandwidth.perStorage", input.BandwidthPerStorage > 0 || (input.BandwidthPerStorage == 0 && double.IsPositiveInfinity(input.MaxBandwidth)), input.BandwidthPerStorage, "a number above 0"),
        ("bandwidth.most", input.MaxBandwidth >= 0, input.MaxBandwidth, "a number of at least 0"),
        ("bandwidth.price", input.BandwidthPrice >= 0 && double.IsFinite(input.BandwidthPrice), input.BandwidthPrice, "a number of at least 0"),
        ("edgeCompute.price", input.EdgeCompute.Price >= 0 && double.IsFinite(input.EdgeCompute.Price), input.EdgeCompute.Price, "a number of at least 0"),
        ("cloudCompute.price", input.CloudCompute.Price >= 0 && double.IsFinite(input.CloudCompute.Price), input.CloudCompute.Price, "a number of at least 0"),
        ("edgeStorage.price", input.EdgeStorage.Price >= 0 && double.IsFinite(input.EdgeStorage.Price), input.EdgeStorage.Price, "a number of at least 0"),
        ("cloudStorage.price", input.CloudStorage.Price >= 0 && double.IsFinite(input.CloudStorage.Price), input.CloudStorage.Price, "a number of at least 0"),
        ("budget", input.Budget >= 0, input.Budget, "a number of at least 0"),
    ]);

    private static PlanError? Infeasible(ShareInput input)
    {
        (string Code, string Name, ShareBounds Bounds)[] amounts =
        [
            ("INFEASIBLE_EDGE_COMPUTE", "edge compute", input.EdgeCompute),
            ("INFEASIBLE_CLOUD_COMPUTE", "cloud compute", input.CloudCompute),
            ("INFEASIBLE_EDGE_STORAGE", "edge storage", input.EdgeStorage),
            ("INFEASIBLE_CLOUD_STORAGE", "cloud storage", input.CloudStorage),
        ];
        foreach (var (code, name, bounds) in amounts)
        {
            if (bounds.Least > bounds.Most)
            {
                return new(code, $"{name}: need {bounds.Least:G6}, have {bounds.Most:G6}", bounds.Least, bounds.Most);
            }
        }

        var larger = Math.Max(input.EdgeStorage.Least, input.CloudStorage.Least);
        var need = input.BandwidthPerStorage * larger;
        return need <= input.MaxBandwidth * (1 + 1e-12)
            ? null
            : new(
                "INFEASIBLE_BANDWIDTH",
                $"bandwidth: need {need:G6}, have {input.MaxBandwidth:G6} (binding: Bmin x {(larger > input.EdgeStorage.Least ? "S_C" : "S_E")})",
                need,
                input.MaxBandwidth);
    }

    // Below this ratio nothing shrinks any more: the requirements themselves stand there.
    private static double LeastRatio(ShareInput input) => Math.Min(input.CloudCompute.Least / input.EdgeCompute.Least, input.CloudStorage.Least / input.EdgeStorage.Least);

    private static SharePlan At(ShareInput input, double ratio, IReadOnlyList<string> binding, IReadOnlyDictionary<string, double> prices)
    {
        double a = input.EdgeCompute.Least, c = input.EdgeStorage.Least;
        var compute = Math.Max(input.CloudCompute.Least, ratio * a);
        var storage = Math.Max(input.CloudStorage.Least, ratio * c);
        return new(1 / (1 + ratio), ratio, a, compute, c, storage, input.BandwidthPerStorage * Math.Max(c, storage), CostAt(input, ratio), binding, prices);
    }

    private static double CostAt(ShareInput input, double ratio)
    {
        double a = input.EdgeCompute.Least, c = input.EdgeStorage.Least;
        var storage = Math.Max(input.CloudStorage.Least, ratio * c);
        return (input.EdgeCompute.Price * a) + (input.EdgeStorage.Price * c) + (input.CloudCompute.Price * Math.Max(input.CloudCompute.Least, ratio * a))
            + (input.CloudStorage.Price * storage) + (input.BandwidthPrice * input.BandwidthPerStorage * Math.Max(c, storage));
    }

    // What one more unit of ratio costs just above it; the cost is piecewise linear with breaks where a requirement is outgrown.
    private static double SlopeAt(ShareInput input, double ratio)
    {
        double a = input.EdgeCompute.Least, c = input.EdgeStorage.Least;
        return (ratio >= input.CloudCompute.Least / a ? input.CloudCompute.Price * a : 0)
            + (ratio >= input.CloudStorage.Least / c ? input.CloudStorage.Price * c : 0)
            + (ratio >= Math.Max(c, input.CloudStorage.Least) / c ? input.BandwidthPrice * input.BandwidthPerStorage * c : 0);
    }

    private static double AffordedRatio(ShareInput input)
    {
        if (double.IsPositiveInfinity(input.Budget))
        {
            return double.PositiveInfinity;
        }

        double a = input.EdgeCompute.Least, c = input.EdgeStorage.Least;
        var at = LeastRatio(input);
        foreach (var next in new[] { input.CloudCompute.Least / a, input.CloudStorage.Least / c, Math.Max(c, input.CloudStorage.Least) / c }.Order())
        {
            if (next > at && CostAt(input, next) > input.Budget)
            {
                break;
            }

            at = Math.Max(at, next);
        }

        var slope = SlopeAt(input, at);
        return slope > 0 ? at + ((input.Budget - CostAt(input, at)) / slope) : double.PositiveInfinity;
    }

    private static void AddShadowPrices(Dictionary<string, double> prices, ShareInput input, string limit, double ratio)
    {
        double a = input.EdgeCompute.Least, c = input.EdgeStorage.Least, perStorage = input.BandwidthPerStorage;
        switch (limit)
        {
            case "cloudCompute":
                var u = input.CloudCompute.Most;
                prices["edgeCompute.least"] = u / ((a + u) * (a + u));
                prices["cloudCompute.most"] = -a / ((a + u) * (a + u));
                break;
            case "cloudStorage":
                var v = input.CloudStorage.Most;
                prices["edgeStorage.least"] = v / ((c + v) * (c + v));
                prices["cloudStorage.most"] = -c / ((c + v) * (c + v));
                break;
            case "bandwidth":
                var s = input.MaxBandwidth / perStorage;
                prices["edgeStorage.least"] = s / ((c + s) * (c + s));
                prices["bandwidth.most"] = -c / (perStorage * (c + s) * (c + s));
                prices["bandwidth.perStorage"] = c * input.MaxBandwidth / (perStorage * perStorage * (c + s) * (c + s));
                break;
            default:
                prices["budget"] = -1 / ((1 + ratio) * (1 + ratio) * SlopeAt(input, ratio));
                break;
        }
    }
}
