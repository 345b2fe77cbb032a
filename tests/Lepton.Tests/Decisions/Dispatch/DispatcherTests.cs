using Lepton.Decisions.Dispatch;

namespace Lepton.Tests.Decisions.Dispatch;

public sealed class DispatcherTests
{
    private static readonly NodeLoad Edge = new(1, 0.020, 0, double.PositiveInfinity, 0, 0, 0, 0);

    [Fact]
    public void The_expected_time_counts_queue_service_transfer_and_round_trip()
    {
        Assert.Equal(0.020, Edge.CompletionSeconds(20_000), 1e-9);
        Assert.Equal(0.080, (Edge with { QueueReported = 2, SentSince = 2, DoneSince = 1 }).CompletionSeconds(0), 1e-9);
        var cloud = new NodeLoad(8, 0.006, 0.060, 2.5e6, 10, 0, 0, 0);
        Assert.Equal((10 * 0.008) + 0.006 + 0.008 + 0.060, cloud.CompletionSeconds(20_000), 1e-9);
        Assert.Equal(125, cloud.Capacity(20_000), 1e-9);
    }

    [Fact]
    public void A_silent_node_is_drawn_less_and_then_only_probed()
    {
        Assert.Equal(50, Edge.Weight(0), 1e-9);
        Assert.Equal(25, (Edge with { HeartbeatPeriods = 4 }).Weight(0), 1e-9);
        Assert.Equal(0.5, (Edge with { HeartbeatPeriods = 11 }).Weight(0), 1e-9);
    }

    [Fact]
    public void When_neither_candidate_is_in_time_the_best_of_all_is_tried()
    {
        NodeLoad[] nodes = [.. Enumerable.Repeat(Edge with { QueueReported = 50 }, 20), Edge with { ServiceSeconds = 0.5, QueueReported = 0 }];
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.Equal(20, Dispatcher.Pick(nodes, 0, 0.6, new Random(seed)));
            Assert.Equal(Dispatcher.Nowhere, Dispatcher.Pick(nodes, 0, 0.4, new Random(seed)));
        }

        Assert.Equal(Dispatcher.Nowhere, Dispatcher.Pick([], 0, 1, new Random(1)));
    }

    [Fact]
    public void Two_choices_by_capacity_beat_the_others_on_stale_heartbeats()
    {
        double P95(string policy, double load, bool slow = false) => DispatchSimulation.Run(policy, load, slow);
        double ours = P95("ours", 0.7), oursSlow = P95("ours", 0.7, true);
        double shortest = P95("jsq", 0.7), leastDelay = P95("jsed", 0.7), uniform = P95("uniform", 0.7);
        double weighted = P95("static", 0.7), weightedSlow = P95("static", 0.7, true);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"load 0.7: ours {ours:F0} jsq {shortest:F0} jsed {leastDelay:F0} uniform {uniform:F0} static {weighted:F0} ms; slow: ours {oursSlow:F0} static {weightedSlow:F0} uniform {P95("uniform", 0.7, true):F0} ms");
        Assert.True(ours <= 0.5 * shortest);
        Assert.True(ours <= 0.7 * leastDelay);
        Assert.True(ours <= 0.7 * uniform);
        Assert.True(ours <= 1.1 * weighted);
        Assert.True(oursSlow <= 0.01 * weightedSlow);
        Assert.True(oursSlow <= 1.5 * ours);
    }
}
