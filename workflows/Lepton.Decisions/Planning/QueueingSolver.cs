using Lepton.Contracts.Resources;

namespace Lepton.Decisions.Planning;

/// <summary>Finds the cheapest numbers of cores and bandwidth whose queues meet both objectives. Quantiles of stages are added, which is on the safe side.</summary>
public static class QueueingSolver
{
    // A payload's bits with 15 % for headers, TLS and retransmission.
    private const double BitsPerByte = 8 * 1.15;
    private const int MoreEdgeCores = 3;
    private const double EscalationStep = 0.01;
    private const double TimeStep = 0.010;

    /// <summary>The plan with what small changes would save, or why there is none.</summary>
    public static PlanError? Solve(QueueingInput input, out QueueingPlan? plan)
    {
        ArgumentNullException.ThrowIfNull(input);
        plan = null;
        if (Invalid(input) is { } invalid)
        {
            return invalid;
        }

        var error = Search(input, out var cheapest);
        if (cheapest is null)
        {
            return error;
        }

        double? Saved(QueueingInput changed) => Search(changed, out var other) is null && other is not null ? cheapest.Cost - other.Cost : null;
        plan = cheapest with
        {
            SavedByLessEscalation = input.Escalation >= EscalationStep ? Saved(input with { Escalation = input.Escalation - EscalationStep }) : null,
            SavedByEscalatedTime = Saved(input with { EscalatedObjective = input.EscalatedObjective + TimeStep }),
            SavedByLocalTime = Saved(input with { LocalObjective = input.LocalObjective + TimeStep }),
        };
        return null;
    }

    private static PlanError? Invalid(QueueingInput input)
    {
        const string Above0 = "a number above 0", AtLeast0 = "a number of at least 0", Share = "a number from 0 to 1";
        return PlanError.FirstInvalid(
        [
            ("sites", input.Sites > 0, input.Sites, "at least 1"),
            ("arrivals.rate", input.Rate > 0 && double.IsFinite(input.Rate), input.Rate, Above0),
            ("arrivals.variation", input.ArrivalVariation >= 0 && double.IsFinite(input.ArrivalVariation), input.ArrivalVariation, AtLeast0),
            ("edge.service", input.Edge.Service > 0 && double.IsFinite(input.Edge.Service), input.Edge.Service, Above0),
            ("edge.variation", input.Edge.Variation >= 0 && double.IsFinite(input.Edge.Variation), input.Edge.Variation, AtLeast0),
            ("edge.maxCores", input.Edge.MaxCores > 0, input.Edge.MaxCores, "at least 1"),
            ("edge.price", input.Edge.Price >= 0 && double.IsFinite(input.Edge.Price), input.Edge.Price, AtLeast0),
            ("cloud.service", input.Cloud.Service > 0 && double.IsFinite(input.Cloud.Service), input.Cloud.Service, Above0),
            ("cloud.variation", input.Cloud.Variation >= 0 && double.IsFinite(input.Cloud.Variation), input.Cloud.Variation, AtLeast0),
            ("cloud.maxCores", input.Cloud.MaxCores > 0, input.Cloud.MaxCores, "at least 1"),
            ("cloud.price", input.Cloud.Price >= 0 && double.IsFinite(input.Cloud.Price), input.Cloud.Price, AtLeast0),
            ("link.roundTrip", input.RoundTrip >= 0 && double.IsFinite(input.RoundTrip), input.RoundTrip, AtLeast0),
            ("link.payload", input.Payload > 0 && double.IsFinite(input.Payload), input.Payload, Above0),
            ("link.maxBandwidth", input.MaxBandwidth > 0, input.MaxBandwidth, Above0),
            ("link.price", input.BandwidthPrice >= 0 && double.IsFinite(input.BandwidthPrice), input.BandwidthPrice, AtLeast0),
            ("escalation.share", input.Escalation is >= 0 and <= 1, input.Escalation, Share),
            ("escalation.shadow", input.Shadow is >= 0 and <= 1, input.Shadow, Share),
            ("objectives.local", input.LocalObjective > 0, input.LocalObjective, Above0),
            ("objectives.escalated", input.EscalatedObjective > 0, input.EscalatedObjective, Above0),
            ("objectives.quantile", input.Quantile is >= 0.5 and < 1, input.Quantile, "from 0.5 to below 1"),
            ("maxUtilisation", input.MaxUtilisation is > 0 and < 1, input.MaxUtilisation, "between 0 and 1"),
        ]);
    }

    private static PlanError? Search(QueueingInput input, out QueueingPlan? plan)
    {
        plan = null;
        var stages = new Stages(input);
        if (LeastEdgeCores(input, stages, out var edgeCores) is { } edgeError)
        {
            return edgeError;
        }

        if (stages.Up == 0)
        {
            plan = stages.Plan(edgeCores, 0, 0);
            return null;
        }

        var leastCloud = Cores(stages.CloudRate * input.Cloud.Service / input.MaxUtilisation);
        if (leastCloud > input.Cloud.MaxCores)
        {
            return new("CLOUD_CAPACITY", $"stability alone needs {leastCloud} cloud cores at a utilisation of {input.MaxUtilisation:G3}, cap {input.Cloud.MaxCores}", leastCloud, input.Cloud.MaxCores);
        }

        var floor = stages.EdgeService + input.RoundTrip + stages.CloudService;
        if (floor > input.EscalatedObjective)
        {
            return new(
                "SLO_ESCALATED_UNREACHABLE",
                $"floor {floor * 1000:F2} ms (services and round trip, no queue, infinite link), objective {input.EscalatedObjective * 1000:F2} ms", floor, input.EscalatedObjective);
        }

        var leastBandwidth = double.PositiveInfinity;
        for (var c = edgeCores; c <= Math.Min(edgeCores + MoreEdgeCores, input.Edge.MaxCores); c++)
        {
            for (var cloud = leastCloud; cloud <= input.Cloud.MaxCores && !(input.Cloud.Price * cloud >= plan?.Cost); cloud++)
            {
                var bandwidth = stages.LeastBandwidth(c, cloud);
                leastBandwidth = Math.Min(leastBandwidth, bandwidth);
                if (bandwidth <= input.MaxBandwidth && stages.Cost(c, cloud, bandwidth) is var cost && !(cost >= plan?.Cost))
                {
                    plan = stages.Plan(c, cloud, bandwidth);
                }
            }
        }

        return plan is not null ? null
            : double.IsPositiveInfinity(leastBandwidth)
                ? new("CLOUD_CAPACITY", $"even {input.Cloud.MaxCores} cloud cores and an infinite link miss the escalated objective of {input.EscalatedObjective * 1000:F2} ms", null, input.Cloud.MaxCores)
                : new(
                    "BANDWIDTH_INFEASIBLE",
                    $"need {leastBandwidth / 1e6:F4} Mbit/s at each site even with all cloud cores, cap {input.MaxBandwidth / 1e6:G6} Mbit/s", leastBandwidth, input.MaxBandwidth);
    }

    private static PlanError? LeastEdgeCores(QueueingInput input, Stages stages, out int cores)
    {
        cores = Cores(input.Rate * input.Edge.Service / input.MaxUtilisation);
        if (cores > input.Edge.MaxCores)
        {
            return new("EDGE_CAPACITY", $"need >= {cores} cores at each site at a utilisation of {input.MaxUtilisation:G3}, cap {input.Edge.MaxCores}", cores, input.Edge.MaxCores);
        }

        if (stages.EdgeService > input.LocalObjective)
        {
            return new(
                "SLO_LOCAL_UNREACHABLE",
                $"service alone is {stages.EdgeService * 1000:F2} ms, objective {input.LocalObjective * 1000:F2} ms", stages.EdgeService, input.LocalObjective);
        }

        while (stages.LocalTime(cores) > input.LocalObjective)
        {
            if (++cores > input.Edge.MaxCores)
            {
                return new("EDGE_CAPACITY", $"even {input.Edge.MaxCores} cores at each site miss the local objective of {input.LocalObjective * 1000:F2} ms", cores, input.Edge.MaxCores);
            }
        }

        return null;
    }

    // 4.000000000000001 cores are 4: what the division adds is not load.
    private static int Cores(double load) => load >= int.MaxValue ? int.MaxValue : Math.Max(1, (int)Math.Ceiling(load - 1e-9));

    private sealed class Stages
    {
        private readonly QueueingInput input;
        private readonly double bits;

        public Stages(QueueingInput input)
        {
            this.input = input;
            bits = BitsPerByte * input.Payload;
            Up = input.Escalation + ((1 - input.Escalation) * input.Shadow);
            LinkRate = input.Rate * Up;
            CloudRate = input.Sites * LinkRate;
            EdgeService = Quantile(input.Edge);
            CloudService = Quantile(input.Cloud);
        }

        public double Up { get; }

        public double LinkRate { get; }

        public double CloudRate { get; }

        public double EdgeService { get; }

        public double CloudService { get; }

        public double LocalTime(int cores) => EdgeWait(cores) + EdgeService;

        public double Cost(int edge, int cloud, double bandwidth) =>
            (input.Sites * ((input.Edge.Price * edge) + (input.BandwidthPrice * bandwidth / 1e6))) + (input.Cloud.Price * cloud);

        // The least bandwidth that meets objective and utilisation; infinite when none does.
        public double LeastBandwidth(int edge, int cloud)
        {
            var left = input.EscalatedObjective - LocalTime(edge) - input.RoundTrip - CloudWait(cloud) - CloudService;
            if (!(left > 0))
            {
                return double.PositiveInfinity;
            }

            var low = LinkRate * bits / input.MaxUtilisation;
            if (LinkTime(low) <= left)
            {
                return low;
            }

            var high = 2 * low;
            while (LinkTime(high) > left)
            {
                high *= 2;
            }

            for (var i = 0; i < 60; i++)
            {
                var middle = (low + high) / 2;
                (low, high) = LinkTime(middle) > left ? (middle, high) : (low, middle);
            }

            return high;
        }

        public QueueingPlan Plan(int edge, int cloud, double bandwidth)
        {
            var sends = bandwidth > 0;
            var binding = new List<string>();
            if (edge > 1 && input.Rate * input.Edge.Service > (edge - 1) * input.MaxUtilisation)
            {
                binding.Add("edgeUtilisation");
            }
            else if (edge > 1 && LocalTime(edge - 1) > input.LocalObjective)
            {
                binding.Add("localObjective");
            }

            if (sends)
            {
                if (cloud > 1 && CloudRate * input.Cloud.Service > (cloud - 1) * input.MaxUtilisation)
                {
                    binding.Add("cloudUtilisation");
                }

                binding.Add(LinkRate * bits / bandwidth > input.MaxUtilisation * (1 - 1e-9) ? "linkUtilisation" : "escalatedObjective");
            }

            return new()
            {
                EdgeCores = edge,
                CloudCores = cloud,
                Bandwidth = bandwidth,
                Cost = Cost(edge, cloud, bandwidth),
                EdgeBusy = input.Rate * input.Edge.Service / edge,
                CloudBusy = sends ? CloudRate * input.Cloud.Service / cloud : 0,
                LinkBusy = sends ? LinkRate * bits / bandwidth : 0,
                EdgeWait = EdgeWait(edge),
                EdgeService = EdgeService,
                LinkTime = sends ? LinkTime(bandwidth) : 0,
                CloudWait = sends ? CloudWait(cloud) : 0,
                CloudService = sends ? CloudService : 0,
                LocalTime = LocalTime(edge),
                EscalatedTime = sends ? LocalTime(edge) + LinkTime(bandwidth) + input.RoundTrip + CloudWait(cloud) + CloudService : 0,
                Binding = binding,
            };
        }

        private double EdgeWait(int cores) => Queues.WaitQuantile(cores, input.Rate, input.Edge.Service, input.ArrivalVariation + input.Edge.Variation, input.Quantile);

        private double CloudWait(int cores) => Queues.WaitQuantile(cores, CloudRate, input.Cloud.Service, input.ArrivalVariation + input.Cloud.Variation, input.Quantile);

        private double LinkTime(double bandwidth) => Queues.WaitQuantile(1, LinkRate, bits / bandwidth, input.ArrivalVariation, input.Quantile) + (bits / bandwidth);

        private double Quantile(StageInput stage) =>
            stage.ServiceQuantile ?? stage.Service * (1 + (Queues.NormalQuantile(input.Quantile) * Math.Sqrt(stage.Variation)));
    }
}
