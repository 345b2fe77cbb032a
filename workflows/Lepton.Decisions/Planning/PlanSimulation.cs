using Lepton.Contracts.Resources;

namespace Lepton.Decisions.Planning;

/// <summary>What a simulated run of a plan measured. Seconds.</summary>
/// <param name="Events">Events simulated.</param>
/// <param name="LocalTime">The quantile of those answered at their site.</param>
/// <param name="EscalatedTime">The quantile of those escalated; 0 when none was.</param>
/// <param name="LocalMet">Whether the local objective was met.</param>
/// <param name="EscalatedMet">Whether the escalated one was.</param>
public sealed record SimulatedPlan(int Events, double LocalTime, double EscalatedTime, bool LocalMet, bool EscalatedMet);

/// <summary>Runs a plan's queues event by event, with gamma-distributed gaps and services of the given means and variations, to check what the formulas promise.</summary>
public static class PlanSimulation
{
    // The first tenth fills the queues and is not counted.
    private const double WarmUp = 0.1;
    private const double BitsPerByte = 8 * 1.15;

    /// <summary>Simulates <paramref name="events"/> events in all; the same seed gives the same run.</summary>
    public static SimulatedPlan Run(QueueingInput input, QueueingPlan plan, int events = 40_000, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(plan);
        var random = new Random(seed);
        var perSite = Math.Max(1, events / input.Sites);
        var counted = perSite * WarmUp / input.Rate;
        var local = new List<double>();
        var sent = new List<(double Born, double At, bool Escalated)>();
        for (var site = 0; site < input.Sites; site++)
        {
            RunSite(input, plan, perSite, counted, random, local, sent);
        }

        sent.Sort((a, b) => a.At.CompareTo(b.At));
        var cloud = new Servers(plan.CloudCores);
        var escalated = new List<double>();
        foreach (var (born, at, wasEscalated) in sent)
        {
            var done = cloud.Serve(at + (input.RoundTrip / 2), Draw(random, input.Cloud.Service, input.Cloud.Variation)) + (input.RoundTrip / 2);
            if (wasEscalated && born >= counted)
            {
                escalated.Add(done - born);
            }
        }

        double localTime = QuantileOf(local, input.Quantile), escalatedTime = QuantileOf(escalated, input.Quantile);
        return new(perSite * input.Sites, localTime, escalatedTime, localTime <= input.LocalObjective, escalatedTime <= input.EscalatedObjective);
    }

    private static void RunSite(
        QueueingInput input, QueueingPlan plan, int events, double counted, Random random, List<double> local, List<(double Born, double At, bool Escalated)> sent)
    {
        var edge = new Servers(plan.EdgeCores);
        var left = new List<(double Born, double Done, bool Escalated)>();
        var now = 0.0;
        for (var i = 0; i < events; i++)
        {
            now += Draw(random, 1 / input.Rate, input.ArrivalVariation);
            var done = edge.Serve(now, Draw(random, input.Edge.Service, input.Edge.Variation));
            var escalates = random.NextDouble() < input.Escalation;
            if (!escalates && now >= counted)
            {
                local.Add(done - now);
            }

            if (escalates || random.NextDouble() < input.Shadow)
            {
                left.Add((now, done, escalates));
            }
        }

        // With several cores events leave the edge in another order than they came.
        left.Sort((a, b) => a.Done.CompareTo(b.Done));
        var link = new Servers(1);
        foreach (var (born, done, escalates) in left)
        {
            sent.Add((born, link.Serve(done, BitsPerByte * input.Payload / plan.Bandwidth), escalates));
        }
    }

    private static double QuantileOf(List<double> times, double quantile)
    {
        times.Sort();
        return times.Count == 0 ? 0 : times[Math.Min(times.Count - 1, (int)Math.Ceiling(quantile * times.Count) - 1)];
    }

    // A gamma variable with the given mean and squared coefficient of variation, after Marsaglia and Tsang.
    private static double Draw(Random random, double mean, double variation)
    {
        if (variation == 0)
        {
            return mean;
        }

        var shape = 1 / variation;
        var boost = shape < 1 ? Math.Pow(1 - random.NextDouble(), 1 / shape) : 1;
        var d = (shape < 1 ? shape + 1 : shape) - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var v = (1 + (c * x)) * (1 + (c * x)) * (1 + (c * x));
            if (v > 0 && Math.Log(1 - random.NextDouble()) < (x * x / 2) + d - (d * v) + (d * Math.Log(v)))
            {
                return mean * variation * d * v * boost;
            }
        }
    }

    private sealed class Servers(int count)
    {
        private readonly PriorityQueue<int, double> free = new(Enumerable.Range(0, Math.Max(1, count)).Select(server => (server, 0.0)));

        public double Serve(double arrival, double service)
        {
            free.TryDequeue(out var server, out var at);
            var done = Math.Max(arrival, at) + service;
            free.Enqueue(server, done);
            return done;
        }
    }
}
