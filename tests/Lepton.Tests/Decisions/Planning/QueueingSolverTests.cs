using Lepton.Contracts.Resources;
using Lepton.Decisions.Planning;

namespace Lepton.Tests.Decisions.Planning;

public sealed class QueueingSolverTests
{
    private static readonly QueueingInput Base = new()
    {
        Sites = 10,
        Rate = 20,
        Edge = new(0.02, 1, null, 16, 0.02),
        Cloud = new(0.05, 1, null, 256, 0.10),
        RoundTrip = 0.04,
        Payload = 50_000,
        BandwidthPrice = 0.01,
        Escalation = 0.30,
        Shadow = 0.05,
        LocalObjective = 0.100,
        EscalatedObjective = 0.400,
    };

    [Fact]
    public void P1_the_plan_of_ten_sites()
    {
        var plan = Solved(Base);
        Assert.Equal((2, 6), (plan.EdgeCores, plan.CloudCores));
        Assert.Equal(8.0811, plan.Bandwidth / 1e6, 1e-4);
        Assert.Equal(1.8081, plan.Cost, 1e-4);
        Assert.Equal([0.200, 0.558, 0.381], [plan.EdgeBusy, plan.CloudBusy, plan.LinkBusy], (a, b) => Math.Abs(a - b) < 5e-4);
        Assert.Equal(0.05650, plan.LocalTime, 1e-5);
        Assert.Equal(0.400, plan.EscalatedTime, 1e-6);
        Assert.Contains("escalatedObjective", plan.Binding);
    }

    [Fact]
    public void P2_a_tighter_objective()
    {
        var plan = Solved(Base with { EscalatedObjective = 0.300 });
        Assert.Equal((2, 7), (plan.EdgeCores, plan.CloudCores));
        Assert.Equal(13.4244, plan.Bandwidth / 1e6, 1e-4);
        Assert.Equal(2.4424, plan.Cost, 1e-4);
    }

    [Fact]
    public void P3_more_escalation()
    {
        var plan = Solved(Base with { Escalation = 0.60 });
        Assert.Equal(9, plan.CloudCores);
        Assert.Equal(10.9707, plan.Bandwidth / 1e6, 1e-4);
        Assert.Equal(2.3971, plan.Cost, 1e-4);
    }

    [Fact]
    public void P4_bursty_arrivals()
    {
        var plan = Solved(Base with { ArrivalVariation = 4 });
        Assert.Equal(7, plan.CloudCores);
        Assert.Equal(13.9812, plan.Bandwidth / 1e6, 1e-4);
        Assert.Equal(2.4981, plan.Cost, 1e-4);
        Assert.Equal(0.06189, plan.LocalTime, 1e-5);
    }

    [Fact]
    public void P5_an_objective_below_the_edge_service() => Failed(Base with { LocalObjective = 0.040 }, "SLO_LOCAL_UNREACHABLE", "service alone is 52.90 ms", 0.0529);

    [Fact]
    public void P6_an_objective_below_all_services() => Failed(Base with { EscalatedObjective = 0.220 }, "SLO_ESCALATED_UNREACHABLE", "floor 225.15 ms", 0.22515);

    [Fact]
    public void P7_too_little_bandwidth() => Failed(Base with { MaxBandwidth = 5e6 }, "BANDWIDTH_INFEASIBLE", "need 7.4054 Mbit/s", 7.4054e6, 50);

    [Fact]
    public void P8_too_few_cores_at_the_edge() => Failed(Base with { Rate = 900 }, "EDGE_CAPACITY", "need >= 23 cores", 23);

    [Fact]
    public void P9_too_few_cores_in_the_cloud() => Failed(Base with { Cloud = Base.Cloud with { MaxCores = 3 } }, "CLOUD_CAPACITY", "needs 5 cloud cores", 5);

    [Fact]
    public void Nothing_sent_needs_no_cloud()
    {
        var plan = Solved(Base with { Escalation = 0, Shadow = 0 });
        Assert.Equal((0, 0.0), (plan.CloudCores, plan.Bandwidth));
    }

    [Fact]
    public void One_point_less_escalation_saves_what_the_cheaper_plan_costs_less()
    {
        var plan = Solved(Base);
        Assert.Equal(plan.Cost - Solved(Base with { Escalation = 0.29 }).Cost, plan.SavedByLessEscalation!.Value, 1e-9);
        Assert.True(plan.SavedByLessEscalation > 0);
    }

    [Theory]
    [InlineData("rate")]
    [InlineData("variation")]
    [InlineData("share")]
    [InlineData("quantile")]
    public void Invalid_input_names_its_field(string field)
    {
        var input = field switch
        {
            "rate" => Base with { Rate = double.NaN },
            "variation" => Base with { ArrivalVariation = -1 },
            "share" => Base with { Escalation = 1.5 },
            _ => Base with { Quantile = 1 },
        };
        var error = QueueingSolver.Solve(input, out _);
        Assert.Equal("INVALID_INPUT", error?.Code);
        Assert.Contains(field, error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Waiting_times_are_those_of_the_textbook()
    {
        Assert.Equal(1.0 / 3, Queues.Waits(2, 1), 1e-9);
        Assert.Equal(0.4091802, Queues.Waits(10, 8), 1e-6);
        Assert.Equal(4, Queues.MeanWait(1, 0.8, 1, 2), 1e-9);
        Assert.Equal(0.2045901, Queues.MeanWait(10, 8, 1, 2), 1e-6);
        Assert.True(double.IsPositiveInfinity(Queues.MeanWait(1, 2, 1, 2)));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    [InlineData(0.999)]
    public void Normal_quantiles_agree_with_the_oracle(double p) =>
        Assert.Equal(MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, p), Queues.NormalQuantile(p), 5.1e-4);

    [Fact]
    public void A_simulated_plan_meets_its_objectives()
    {
        QueueingInput[] inputs = [Base, Base with { EscalatedObjective = 0.300 }, Base with { Escalation = 0.60 }];
        foreach (var input in inputs)
        {
            var run = PlanSimulation.Run(input, Solved(input));
            Assert.True(run.LocalMet && run.EscalatedMet, run.ToString());
            Assert.InRange(run.LocalTime, 0.050, 0.075);
        }
    }

    [Fact]
    public void A_simulation_of_too_small_a_plan_misses_them()
    {
        var run = PlanSimulation.Run(Base, Solved(Base) with { Bandwidth = 3.5e6 });
        Assert.True(run.LocalMet);
        Assert.False(run.EscalatedMet, run.ToString());
    }

    private static QueueingPlan Solved(QueueingInput input)
    {
        var error = QueueingSolver.Solve(input, out var plan);
        Assert.True(error is null, error?.Message);
        return plan!;
    }

    private static void Failed(QueueingInput input, string code, string sentence, double need, double tolerance = 1e-4)
    {
        var error = QueueingSolver.Solve(input, out var plan);
        Assert.Null(plan);
        Assert.Equal(code, error?.Code);
        Assert.Contains(sentence, error!.Message, StringComparison.Ordinal);
        Assert.Equal(need, error.Need!.Value, tolerance);
    }
}
