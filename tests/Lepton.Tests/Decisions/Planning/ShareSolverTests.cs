using Lepton.Contracts.Resources;
using Lepton.Decisions.Planning;

namespace Lepton.Tests.Decisions.Planning;

public sealed class ShareSolverTests
{
    private static readonly ShareInput Bare = new()
    {
        EdgeCompute = new(5),
        CloudCompute = new(10),
        EdgeStorage = new(2),
        CloudStorage = new(4),
        BandwidthPerStorage = 0.1,
    };

    private static readonly ShareInput Priced = Bare with
    {
        EdgeCompute = new(5, Price: 3),
        CloudCompute = new(10, Price: 1),
        EdgeStorage = new(2, Price: 0.5),
        CloudStorage = new(4, Price: 0.2),
        BandwidthPrice = 10,
    };

    [Fact]
    public void S1_without_a_bound_the_infimum_is_not_attained()
    {
        var error = ShareSolver.Solve(Bare, out var plan);
        Assert.Equal("UNBOUNDED", error?.Code);
        Assert.Equal("infimum 0 not attained; give a bound on C_C, S_C, B or a budget", error!.Message);
        Assert.Equal(0.33333, plan!.Share, 1e-4);
        Assert.Equal(0.4, plan.Bandwidth, 1e-9);
    }

    [Fact]
    public void S2_computing_power_and_storage_bind_together()
    {
        var plan = Solved(Bare with { CloudCompute = new(10, 20), CloudStorage = new(4, 8), MaxBandwidth = 1 });
        Assert.Equal([0.2, 5, 20, 2, 8, 0.8], [plan.Share, plan.EdgeCompute, plan.CloudCompute, plan.EdgeStorage, plan.CloudStorage, plan.Bandwidth], Close);
        Assert.Equal(["cloudCompute", "cloudStorage"], plan.Binding);
    }

    [Fact]
    public void S3_bandwidth_binds()
    {
        var plan = Solved(Bare with { CloudCompute = new(10, 45), CloudStorage = new(4, 8), MaxBandwidth = 0.6 });
        Assert.Equal([0.25, 15, 6, 0.6], [plan.Share, plan.CloudCompute, plan.CloudStorage, plan.Bandwidth], Close);
        Assert.Equal(["bandwidth"], plan.Binding);
        Assert.Equal(-0.3125, plan.ShadowPrices["bandwidth.most"], 1e-4);
        Assert.Equal(1.875, plan.ShadowPrices["bandwidth.perStorage"], 1e-4);
        Assert.Equal(0.09375, plan.ShadowPrices["edgeStorage.least"], 1e-4);
    }

    [Fact]
    public void S4_bandwidth_alone_is_bounded()
    {
        var plan = Solved(Bare with { MaxBandwidth = 0.4 });
        Assert.Equal([1.0 / 3, 10, 4, 0.4], [plan.Share, plan.CloudCompute, plan.CloudStorage, plan.Bandwidth], Close);
        Assert.Equal(-0.55556, plan.ShadowPrices["bandwidth.most"], 1e-4);
        Assert.Equal(2.2222, plan.ShadowPrices["bandwidth.perStorage"], 1e-4);
    }

    [Fact]
    public void S5_the_bandwidth_of_the_textbook_does_not_suffice()
    {
        var error = ShareSolver.Solve(Bare with { MaxBandwidth = 0.02 }, out _);
        Assert.Equal("INFEASIBLE_BANDWIDTH", error?.Code);
        Assert.Equal([0.4, 0.02], [error!.Need!.Value, error.Have!.Value], Close);
        Assert.Contains("binding: Bmin x S_C", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void S6_too_little_computing_power_at_the_edge()
    {
        var error = ShareSolver.Solve(Bare with { EdgeCompute = new(5, 4) }, out _);
        Assert.Equal("INFEASIBLE_EDGE_COMPUTE", error?.Code);
        Assert.Equal([5, 4], [error!.Need!.Value, error.Have!.Value], Close);
    }

    [Fact]
    public void S7_money_instead_of_bounds()
    {
        var plan = Solved(Priced with { Budget = 40 });
        Assert.Equal(
            [0.235669, 3.243243, 16.216216, 6.486486, 0.648649, 40], [plan.Share, plan.Ratio, plan.CloudCompute, plan.CloudStorage, plan.Bandwidth, plan.Cost], Close);
        Assert.Equal(-0.0075054, plan.ShadowPrices["budget"], 1e-6);
    }

    [Fact]
    public void S8_too_little_money()
    {
        var error = ShareSolver.Solve(Priced with { Budget = 28 }, out _);
        Assert.Equal("INFEASIBLE_BUDGET", error?.Code);
        Assert.Equal([30.8, 28], [error!.Need!.Value, error.Have!.Value], Close);
    }

    [Fact]
    public void S9_invalid_input_names_its_field()
    {
        Invalid(Bare with { EdgeCompute = new(0) }, "edgeCompute.least");
        Invalid(Bare with { CloudStorage = new(double.NaN) }, "cloudStorage.least");
        Invalid(Bare with { BandwidthPerStorage = 0, MaxBandwidth = 1 }, "bandwidth.perStorage");
        Invalid(Bare with { MaxBandwidth = double.NaN }, "bandwidth.most");
        Invalid(Bare with { Budget = -1 }, "budget");
    }

    [Theory]
    [InlineData(20, 8, 1, 60)]
    [InlineData(45, 8, 0.6, 1000)]
    [InlineData(100, 100, 100, 40)]
    public void A_shadow_price_is_what_a_small_change_does(double compute, double storage, double bandwidth, double budget)
    {
        var input = Priced with { CloudCompute = new(10, compute, 1), CloudStorage = new(4, storage, 0.2), MaxBandwidth = bandwidth, Budget = budget };
        var plan = Solved(input);
        const double Step = 1e-6;
        if (plan.ShadowPrices.TryGetValue("budget", out var price))
        {
            Assert.Equal(price, (Solved(input with { Budget = budget + Step }).Share - plan.Share) / Step, 1e-4);
        }

        if (plan.Binding is ["bandwidth"])
        {
            Assert.Equal(plan.ShadowPrices["bandwidth.most"], (Solved(input with { MaxBandwidth = bandwidth + Step }).Share - plan.Share) / Step, 1e-4);
        }

        Assert.True(plan.CloudCompute <= compute + 1e-9 && plan.CloudStorage <= storage + 1e-9 && plan.Bandwidth <= bandwidth + 1e-9 && plan.Cost <= budget + 1e-9);
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) <= 1e-4;

    private static SharePlan Solved(ShareInput input)
    {
        Assert.Null(ShareSolver.Solve(input, out var plan));
        return plan!;
    }

    private static void Invalid(ShareInput input, string field)
    {
        var error = ShareSolver.Solve(input, out _);
        Assert.Equal("INVALID_INPUT", error?.Code);
        Assert.StartsWith(field + " ", error!.Message, StringComparison.Ordinal);
    }
}
