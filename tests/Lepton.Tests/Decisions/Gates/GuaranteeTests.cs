using Lepton.Decisions.Gates;
using MathNet.Numerics.Distributions;

namespace Lepton.Tests.Decisions.Gates;

public sealed class GuaranteeTests
{
    public static TheoryData<int, double, int, int> Orders
    {
        get
        {
            // n, then expected/pac(0.05) for alpha 0.01, 0.02, 0.05 and 0.10.
            const string Table = """
                50 0/0 1/0 2/0 5/2
                59 0/0 1/0 3/1 6/2
                100 1/0 2/0 5/2 10/5
                149 1/0 3/1 7/3 15/9
                299 3/1 6/2 15/9 30/22
                500 5/2 10/5 25/17 50/39
                1000 10/5 20/13 50/39 100/85
                2000 20/13 40/30 100/84 200/178
                5000 50/39 100/84 250/225 500/465
                """;
            var data = new TheoryData<int, double, int, int>();
            foreach (var line in Table.Split('\n'))
            {
                var cells = line.Split(' ');
                foreach (var (cell, alpha) in cells.Skip(1).Zip([0.01, 0.02, 0.05, 0.10]))
                {
                    var orders = cell.Split('/');
                    data.Add(int.Parse(cells[0]), alpha, int.Parse(orders[0]), int.Parse(orders[1]));
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void The_threshold_is_the_order_statistic_of_the_table(int labels, double alpha, int expected, int pac)
    {
        Assert.Equal(expected, new Guarantee(alpha, GuaranteeMode.Expected).Order(labels));
        Assert.Equal(pac, new Guarantee(alpha).Order(labels));
    }

    [Theory]
    [InlineData(0.01, 299)]
    [InlineData(0.02, 149)]
    [InlineData(0.05, 59)]
    public void The_first_opening_needs_so_many_labels(double alpha, int labels)
    {
        var guarantee = new Guarantee(alpha);
        Assert.Equal(labels, guarantee.FirstOpening);
        Assert.Equal(double.NegativeInfinity, Calibration.Of(labels - 1, [], guarantee).Threshold);
        Assert.Equal(double.PositiveInfinity, Calibration.Of(labels, [], guarantee).Threshold);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Alpha_lies_between_0_and_1(double alpha) => Assert.Throws<ArgumentOutOfRangeException>(() => new Guarantee(alpha));

    [Theory]
    [InlineData(0, 10, 0.3)]
    [InlineData(3, 10, 0.3)]
    [InlineData(39, 1000, 0.05)]
    [InlineData(84, 2000, 0.05)]
    [InlineData(4900, 5000, 0.98)]
    [InlineData(2, 100_000, 0.001)]
    public void Binomial_tails_agree_with_the_oracle(int k, int n, double p) => Assert.Equal(Binomial.CDF(p, n, k), BinomialTail.Cdf(k, n, p), 1e-9);

    [Theory]
    [InlineData(0, 59)]
    [InlineData(7, 400)]
    [InlineData(85, 1000)]
    public void The_limits_of_a_rate_agree_with_the_oracle(int errors, int n)
    {
        Assert.Equal(Beta.InvCDF(errors + 1, n - errors, 0.95), BinomialTail.UpperLimit(errors, n, 0.05), 1e-7);
        if (errors > 0)
        {
            Assert.Equal(Beta.InvCDF(errors, n - errors + 1, 0.05), BinomialTail.LowerLimit(errors, n, 0.05), 1e-7);
        }
    }

    [Fact]
    public void The_bound_that_is_told_never_exceeds_alpha()
    {
        var guarantee = new Guarantee(0.02);
        double[] wrong = [.. Enumerable.Range(0, 200).Select(i => i / 200.0)];
        for (var n = 200; n < 3000; n += 137)
        {
            Assert.InRange(Calibration.Of(n, wrong, guarantee).Bound, 0, 0.02);
        }
    }

    [Theory]
    [InlineData(GuaranteeMode.Pac)]
    [InlineData(GuaranteeMode.Expected)]
    public void The_risk_of_many_calibrations_is_what_was_promised(GuaranteeMode mode)
    {
        // An answer of doubt u is wrong with probability u/2, so that the exact risk below a threshold t is t^2/4.
        const double Alpha = 0.05;
        var guarantee = new Guarantee(Alpha, mode);
        var random = new Random(7);
        int violations = 0, runs = 2000;
        var mean = 0.0;
        for (var run = 0; run < runs; run++)
        {
            var wrong = new List<double>();
            for (var i = 0; i < 500; i++)
            {
                var u = random.NextDouble();
                if (random.NextDouble() < u / 2)
                {
                    wrong.Add(u);
                }
            }

            var t = Math.Min(1, Calibration.Of(500, [.. wrong.Order()], guarantee).Threshold);
            violations += t * t / 4 > Alpha ? 1 : 0;
            mean += t * t / 4 / runs;
        }

        if (mode == GuaranteeMode.Pac)
        {
            Assert.InRange(violations / (double)runs, 0.01, 0.05);
        }
        else
        {
            Assert.InRange(mean, 0.047, 0.0505);
            Assert.InRange(violations / (double)runs, 0.3, 0.6);
        }
    }
}
