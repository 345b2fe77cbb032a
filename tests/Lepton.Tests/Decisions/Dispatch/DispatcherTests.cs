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

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.7)]
    [InlineData(0.85)]
    public void On_stale_heartbeats_two_choices_by_capacity_lead_the_order_at_every_load(double load)
    {
        double P95(string policy) => DispatchSimulation.Run(policy, load, false);
        double ours = P95("ours"), weighted = P95("static"), leastDelay = P95("jsed"), uniform = P95("uniform"), shortest = P95("jsq");
        TestContext.Current.TestOutputHelper!.WriteLine($"load {load}: ours {ours:F0} static {weighted:F0} jsed {leastDelay:F0} uniform {uniform:F0} jsq {shortest:F0} ms");
        Assert.True(ours < weighted && weighted < leastDelay && leastDelay < uniform && uniform < shortest);
        Assert.True(ours <= 0.7 * leastDelay);
        Assert.True(ours <= 0.5 * shortest);
    }

    [Fact]
    public void One_slow_node_hurts_fixed_weights_and_uniform_choices_and_hardly_ours()
    {
        double Slow(string policy) => DispatchSimulation.Run(policy, 0.7, true);
        double ours = Slow("ours"), weighted = Slow("static"), uniform = Slow("uniform");
        TestContext.Current.TestOutputHelper!.WriteLine($"load 0.7, one slow: ours {ours:F0} static {weighted:F0} uniform {uniform:F0} ms");
        Assert.True(ours <= 0.01 * weighted);
        Assert.True(ours <= 0.2 * uniform);
        Assert.True(ours <= 1.3 * DispatchSimulation.Run("ours", 0.7, false));
    }
}
