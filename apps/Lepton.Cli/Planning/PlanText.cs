using Lepton.Contracts.Resources;
using Lepton.Decisions.Planning;

namespace Lepton.Cli.Planning;

/// <summary>A plan as lines for people.</summary>
internal static class PlanText
{
    private static readonly Dictionary<string, string> Limits = new()
    {
        ["edgeUtilisation"] = "the most that the edge may be busy sets its cores",
        ["localObjective"] = "the local objective sets the edge's cores",
        ["cloudUtilisation"] = "the most that the cloud may be busy sets its cores",
        ["linkUtilisation"] = "the most that a link may be busy sets its bandwidth",
        ["escalatedObjective"] = "the escalated objective sets the bandwidth, weighed against cores of the cloud",
        ["cloudCompute"] = "computing power in the cloud",
        ["cloudStorage"] = "storage in the cloud",
        ["bandwidth"] = "bandwidth",
        ["budget"] = "the budget",
    };

    public static IEnumerable<string> Of(QueueingInput input, QueueingPlan plan, SimulatedPlan? simulation)
    {
        var quantile = $"p{100 * input.Quantile:0.##}";
        yield return $"{input.Sites} sites, {input.Rate:0.###} events/s each; {input.Escalation:P1} escalated, {input.Shadow:P1} of the others sent for their label";
        yield return "";
        yield return $"{"",-12}{"size",-20}{"busy",8}{"cost",12}";
        yield return $"{"edge",-12}{$"{plan.EdgeCores} cores a site",-20}{plan.EdgeBusy,8:P1}{input.Sites * input.Edge.Price * plan.EdgeCores,12:F4}";
        yield return $"{"link",-12}{$"{plan.Bandwidth / 1e6:F4} Mbit/s",-20}{plan.LinkBusy,8:P1}{input.Sites * input.BandwidthPrice * plan.Bandwidth / 1e6,12:F4}";
        yield return $"{"cloud",-12}{$"{plan.CloudCores} cores",-20}{plan.CloudBusy,8:P1}{input.Cloud.Price * plan.CloudCores,12:F4}";
        yield return $"{"all",-12}{"",-20}{"",8}{plan.Cost,12:F4}";
        yield return "";
        yield return $"{quantile + " in ms",-12}{"waiting",10}{"service",10}{"sum",10}{"objective",12}{"slack",10}";
        yield return $"{"edge",-12}{Ms(plan.EdgeWait)}{Ms(plan.EdgeService)}{Ms(plan.LocalTime)}";
        if (plan.CloudCores > 0)
        {
            yield return $"{"link",-12}{"",20}{Ms(plan.LinkTime)}";
            yield return $"{"round trip",-12}{"",20}{Ms(input.RoundTrip)}";
            yield return $"{"cloud",-12}{Ms(plan.CloudWait)}{Ms(plan.CloudService)}{Ms(plan.CloudWait + plan.CloudService)}";
        }

        yield return $"{"local",-12}{"",20}{Ms(plan.LocalTime)}{1000 * input.LocalObjective,12:F1}{Ms(input.LocalObjective - plan.LocalTime)}";
        if (plan.CloudCores > 0)
        {
            yield return $"{"escalated",-12}{"",20}{Ms(plan.EscalatedTime)}{1000 * input.EscalatedObjective,12:F1}{Ms(input.EscalatedObjective - plan.EscalatedTime)}";
        }

        yield return "";
        foreach (var limit in plan.Binding)
        {
            yield return $"limit: {Limits[limit]}";
        }

        foreach (var (saved, change) in new[]
        {
            (plan.SavedByLessEscalation, "one point less escalation"), (plan.SavedByEscalatedTime, "10 ms more for an escalated answer"), (plan.SavedByLocalTime, "10 ms more for a local answer"),
        })
        {
            if (saved is { } amount)
            {
                yield return $"{change} saves {(Math.Abs(amount) < 5e-5 ? 0 : amount):F4}";
            }
        }

        if (simulation is not null)
        {
            yield return "";
            yield return $"simulated {simulation.Events} events: {quantile} local {1000 * simulation.LocalTime:F1} ms ({Met(simulation.LocalMet)}), escalated {1000 * simulation.EscalatedTime:F1} ms ({Met(simulation.EscalatedMet)})";
        }
    }

    public static IEnumerable<string> Of(SharePlan plan)
    {
        yield return $"{"",-12}{"edge",12}{"cloud",12}{"share",10}";
        yield return $"{"compute",-12}{plan.EdgeCompute,12:0.######}{plan.CloudCompute,12:0.######}{plan.EdgeCompute / (plan.EdgeCompute + plan.CloudCompute),10:0.####}";
        yield return $"{"storage",-12}{plan.EdgeStorage,12:0.######}{plan.CloudStorage,12:0.######}{plan.EdgeStorage / (plan.EdgeStorage + plan.CloudStorage),10:0.####}";
        yield return $"bandwidth {plan.Bandwidth:0.######}, cost {plan.Cost:0.######}; the larger share of the edge is {plan.Share:0.######}";
        if (plan.Binding.Count > 0)
        {
            yield return $"limit: {string.Join(" and ", plan.Binding.Select(limit => Limits[limit]))}";
        }

        foreach (var (input, price) in plan.ShadowPrices)
        {
            // Where several limits bind, relaxing one alone gains nothing: then only the way to a larger share is told.
            var less = plan.Binding.Count > 1 && !input.EndsWith(".least", StringComparison.Ordinal) && input != "bandwidth.perStorage";
            yield return $"one unit {(less ? "less" : "more")} of {input} changes the share by {(less ? -price : price):G5}";
        }
    }

    private static string Ms(double seconds) => $"{1000 * seconds,10:F1}";

    private static string Met(bool met) => met ? "met" : "MISSED";
}
