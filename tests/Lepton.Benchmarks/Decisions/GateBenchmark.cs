using Lepton.Decisions.Drift;
using Lepton.Decisions.Gates;
using Lepton.Decisions.Labels;

namespace Lepton.Benchmarks.Decisions;

/// <summary>A gate of ten classes with a full window, seeded: what one event and one verdict cost.</summary>
internal sealed class GateBenchmark : Benchmark
{
    private const int Classes = 10;
    private const int Inputs = 8;
    private const int Events = 4096;
    private const double MicrosecondsToDecide = 2000;
    private const double MicrosecondsToLearn = 10_000;
    private static readonly GateSettings Settings = new() { Guarantee = new(0.02), Classes = Classes };
    private readonly Salt salt = new("benchmark");
    private readonly string[] ids = [.. Enumerable.Range(0, Events).Select(i => $"urn:lepton:device:{i % 50}/{i:x16}")];
    private double[][] sure = [];
    private double[][] mixed = [];
    private float[][] inputs = [];
    private double sink;

    public override string Name => "gate";

    public override string What => "deciding about an event, learning a verdict, rebuilding a snapshot";

    public override async Task<IReadOnlyList<Row>> RunAsync(int rounds, CancellationToken cancellation)
    {
        var random = new Random(1);
        sure = [.. Enumerable.Range(0, Events).Select(i => Softmax(random, 9, i))];
        mixed = [.. Enumerable.Range(0, Events).Select(i => Softmax(random, 3 * random.NextDouble(), i))];
        inputs = [.. Enumerable.Range(0, Events).Select(_ => Enumerable.Range(0, Inputs).Select(_ => random.NextSingle()).ToArray())];
        var head = new GateHead(Classes, [.. Enumerable.Range(0, 5 + Classes + Inputs).Select(_ => random.NextDouble() - 0.5)]);
        var memory = Learned(Settings, null, random);
        GateSnapshot open = memory.Snapshot(), withHead = Learned(Settings, head, random).Snapshot(), guarded = Learned(Settings with { PerClass = true, Critical = new Dictionary<int, double> { [0] = 0.02 } }, null, random).Snapshot();
        var novelty = Novelty.Learn(inputs)!;
        if (!open.Decide(salt, ids[0], sure[0]).Accepts)
        {
            throw new InvalidOperationException("the benchmark's gate does not accept what it should: its labels are wrong");
        }

        return
        [
            .. await new Race("decide", rounds)
                .Add("bare loop (top and entropy)", Bare)
                .Add("accepted", times => Decide(open, sure, times, null), MicrosecondsToDecide, 0)
                .Add("accepted and not", times => Decide(open, mixed, times, null), MicrosecondsToDecide, 0)
                .Add("with head and novelty", times => Decide(withHead, mixed, times, novelty), MicrosecondsToDecide, 0)
                .Add("per class, guarded", times => Decide(guarded, mixed, times, null), MicrosecondsToDecide, 0)
                .RunAsync(cancellation),
            .. await Feedback(memory, random, rounds, cancellation),
            .. await new Race("snapshot of 2000 labels", rounds).Add("one threshold", times => Rebuild(memory, times)).RunAsync(cancellation),
        ];
    }

    // Each label is new and as much out of order as labels that come back by network are.
    private static async Task<IReadOnlyList<Row>> Feedback(GateMemory memory, Random random, int rounds, CancellationToken cancellation)
    {
        var now = 1_000_000L;
        void Learn(int times, int disorder)
        {
            for (var i = 0; i < times; i++)
            {
                now++;
                memory.Learn(LabelOf((ulong)now, now - (disorder == 0 ? 0 : (long)((ulong)now * 2654435761 % (uint)disorder)), random, false));
            }
        }

        return await new Race("feedback", rounds)
            .Add("in order", times => Learn(times, 0), MicrosecondsToLearn, 0)
            .Add("50 labels out of order", times => Learn(times, 50), MicrosecondsToLearn, 0)
            .Add("500 labels out of order", times => Learn(times, 500), MicrosecondsToLearn, 0)
            .RunAsync(cancellation);
    }

    private void Decide(GateSnapshot snapshot, double[][] scores, int times, Novelty? novelty)
    {
        for (var i = 0; i < times; i++)
        {
            var at = i & (Events - 1);
            sink += snapshot.Decide(salt, ids[at], scores[at], novelty is null ? default : inputs[at], novelty).Compared;
        }
    }

    private void Bare(int times)
    {
        for (var i = 0; i < times; i++)
        {
            double top = 0, entropy = 0;
            foreach (var p in mixed[i & (Events - 1)])
            {
                top = Math.Max(top, p);
                entropy -= p > 0 ? p * Math.Log(p) : 0;
            }

            sink += top + entropy;
        }
    }

    private void Rebuild(GateMemory memory, int times)
    {
        for (var i = 0; i < times; i++)
        {
            sink += memory.Snapshot().Epoch;
        }
    }

    private static GateMemory Learned(GateSettings settings, GateHead? head, Random random)
    {
        var memory = new GateMemory(settings, "benchmark", head);
        for (var i = 0; i < settings.Window; i++)
        {
            memory.Learn(LabelOf((ulong)i, i, random, true));
        }

        return memory;
    }

    private static Label LabelOf(ulong id, long at, Random random, bool cold)
    {
        var doubt = random.NextSingle();
        var wrong = random.NextDouble() < 0.4 * doubt * doubt;
        var predicted = random.Next(Classes);
        return new(id, at, 0, cold ? Designation.Cold : Designation.Shadow, doubt, predicted, wrong ? (predicted + 1) % Classes : predicted, Accepted: false);
    }

    private static double[] Softmax(Random random, double sharpness, int best)
    {
        double[] scores = [.. Enumerable.Range(0, Classes).Select(c => Math.Exp((c == best % Classes ? sharpness : 0) + random.NextDouble()))];
        var sum = scores.Sum();
        return [.. scores.Select(p => p / sum)];
    }
}
