using Lepton.Decisions.Dispatch;

namespace Lepton.Tests.Decisions.Dispatch;

/// <summary>Three edge replicas, a fog node and a cloud behind a shared link, four dispatchers with heartbeats that are up to 200 ms old.</summary>
internal sealed class DispatchSimulation
{
    private const int Jobs = 30_000;
    private const int Dispatchers = 4;
    private const double Heartbeat = 0.2;
    private const double Payload = 20_000;
    private const double Capacity = 450;
    private readonly Random random;
    private readonly string policy;
    private readonly Node[] nodes;
    private readonly View[,] views;

    private DispatchSimulation(string policy, int seed)
    {
        this.policy = policy;
        random = new Random(seed);
        nodes = [new(1, 0.020, 0, 0), new(1, 0.020, 0, 0), new(1, 0.040, 0, 0), new(2, 0.010, 0.008, 12.5e6), new(8, 0.006, 0.060, 2.5e6)];
        views = new View[Dispatchers, nodes.Length];
        for (var d = 0; d < Dispatchers; d++)
        {
            for (var n = 0; n < nodes.Length; n++)
            {
                views[d, n] = new View(nodes[n].Service);
            }
        }
    }

    /// <summary>The mean over three seeds of the 95th percentile of response times, in ms.</summary>
    public static double Run(string policy, double load, bool slow) => Enumerable.Range(1, 3).Average(seed => new DispatchSimulation(policy, seed).Run(load, slow));

    private double Run(double load, bool slow)
    {
        var times = new double[Jobs];
        double now = 0, rate = load * Capacity, phaseEnds = 0, phase = 1, beat = 0;
        for (var job = 0; job < Jobs; job++)
        {
            // Bursts: half of the time 15 % more than the rate, half of the time 15 % less.
            if (now >= phaseEnds)
            {
                phase = phase > 1 ? 0.85 : 1.15;
                phaseEnds = now + (0.2 * Exponential());
            }

            now += Exponential() / (rate * phase);
            while (beat + Heartbeat <= now)
            {
                beat += Heartbeat;
                Beat(beat);
            }

            nodes[0].Slowness = slow && job is > 2 * Jobs / 5 and < 3 * Jobs / 5 ? 5 : 1;
            var dispatcher = random.Next(Dispatchers);
            var chosen = Choose(dispatcher, now);
            var back = nodes[chosen].Serve(now, Exponential(), out var service);
            views[dispatcher, chosen].Sent(back, service);
            times[job] = back - now;
        }

        Array.Sort(times);
        return times[(int)(0.95 * Jobs)] * 1000;
    }

    private void Beat(double at)
    {
        for (var n = 0; n < nodes.Length; n++)
        {
            var queue = nodes[n].QueueAt(at);
            for (var d = 0; d < Dispatchers; d++)
            {
                views[d, n].Beat(at, queue);
            }
        }
    }

    private int Choose(int dispatcher, double now)
    {
        Span<NodeLoad> loads = stackalloc NodeLoad[nodes.Length];
        for (var n = 0; n < nodes.Length; n++)
        {
            loads[n] = views[dispatcher, n].Load(now, nodes[n]);
        }

        return policy switch
        {
            "ours" => Dispatcher.Pick(loads, Payload, double.PositiveInfinity, random),
            "static" => Weighted(),
            "jsq" => Least(loads, load => load.Queue),
            "jsed" => Least(loads, load => load.CompletionSeconds(Payload)),
            _ => random.Next(loads.Length) is var a && (a + 1 + random.Next(loads.Length - 1)) % loads.Length is var b && loads[b].CompletionSeconds(Payload) < loads[a].CompletionSeconds(Payload) ? b : a,
        };
    }

    private int Weighted()
    {
        var left = random.NextDouble() * Capacity;
        double[] capacities = [50, 50, 25, 200, 125];
        for (var n = 0; n < capacities.Length - 1; n++)
        {
            if ((left -= capacities[n]) < 0)
            {
                return n;
            }
        }

        return capacities.Length - 1;
    }

    private static int Least(ReadOnlySpan<NodeLoad> loads, Func<NodeLoad, double> by)
    {
        var best = 0;
        for (var n = 1; n < loads.Length; n++)
        {
            best = by(loads[n]) < by(loads[best]) ? n : best;
        }

        return best;
    }

    private double Exponential() => -Math.Log(1 - random.NextDouble());

    private sealed class Node(int servers, double service, double roundTrip, double bandwidth)
    {
        private readonly double[] free = new double[servers];
        private readonly PriorityQueue<int, double> present = new();
        private double linkFree;

        public int Servers => servers;

        public double Service => service;

        public double RoundTrip => roundTrip;

        public double Bandwidth => bandwidth > 0 ? bandwidth : double.PositiveInfinity;

        public double Slowness { get; set; } = 1;

        public double Serve(double now, double draw, out double took)
        {
            linkFree = Math.Max(now, linkFree) + (Payload / Bandwidth);
            var server = Array.IndexOf(free, free.Min());
            took = service * Slowness * draw;
            free[server] = Math.Max(linkFree + (roundTrip / 2), free[server]) + took;
            present.Enqueue(0, free[server]);
            return free[server] + (roundTrip / 2);
        }

        public int QueueAt(double at)
        {
            while (present.TryPeek(out _, out var done) && done <= at)
            {
                present.Dequeue();
            }

            return present.Count;
        }
    }

    private sealed class View(double service)
    {
        private readonly PriorityQueue<double, double> own = new();
        private double smoothed = service;
        private int queue;
        private int sent;
        private int done;

        public void Sent(double back, double took)
        {
            own.Enqueue(took, back);
            sent++;
        }

        public void Beat(double at, int reported)
        {
            Complete(at);
            (queue, sent, done) = (reported, 0, 0);
        }

        public NodeLoad Load(double now, Node node)
        {
            Complete(now);
            return new(node.Servers, smoothed, node.RoundTrip, node.Bandwidth, queue, sent, done, 1);
        }

        private void Complete(double now)
        {
            while (own.TryPeek(out var took, out var back) && back <= now)
            {
                own.Dequeue();
                done++;
                smoothed = (0.9 * smoothed) + (0.1 * took);
            }
        }
    }
}
