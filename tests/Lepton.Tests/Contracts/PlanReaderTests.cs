using Lepton.Contracts.Resources;
using Lepton.Decisions.Planning;

namespace Lepton.Tests.Contracts;

public sealed class PlanReaderTests
{
    public const string Good = """
        apiVersion: lepton.dev/v1
        kind: Plan
        metadata:
          name: ten-crossings
        spec:
          queueing:
            sites: 10
            arrivals: {rate: 20}
            edge: {service: 20ms, maxCores: 16, price: 0.02}
            cloud: {service: 50ms, maxCores: 256, price: 0.10}
            link: {roundTrip: 40ms, payload: 50k, price: 0.01, maxBandwidth: 100Mbit/s}
            escalation: {share: 0.30, shadow: 0.05}
            objectives: {local: 100ms, escalated: 400ms}
          share:
            edgeCompute: {least: 5}
            cloudCompute: {least: 10, most: 20}
            edgeStorage: {least: 2}
            cloudStorage: {least: 4}
            bandwidth: {perStorage: 0.1}
        """;

    [Fact]
    public void A_plan_is_read_with_its_units()
    {
        var faults = new List<Fault>();
        var plan = PlanReader.Read("plan.yaml", Good, faults);
        Assert.Empty(faults);
        var queueing = plan!.Queueing!;
        Assert.Equal(new StageInput(0.02, 1, null, 16, 0.02), queueing.Edge);
        Assert.Equal((0.04, 50_000.0, 100e6, 0.1, 0.4, 0.95), (queueing.RoundTrip, queueing.Payload, queueing.MaxBandwidth, queueing.LocalObjective, queueing.EscalatedObjective, queueing.Quantile));
        Assert.Equal(new ShareBounds(10, 20), plan.Share!.CloudCompute);
    }

    [Fact]
    public void The_plan_of_the_repository_has_an_answer_in_both_models()
    {
        var faults = new List<Fault>();
        var plan = PlanReader.Read("plan.yaml", Repository.Repository.Read("workflows/plans/ten-crossings.yaml"), faults);
        Assert.Empty(faults);
        Assert.Null(QueueingSolver.Solve(plan!.Queueing!, out var queueing));
        Assert.Equal(1.8081, queueing!.Cost, 1e-4);
        Assert.Null(ShareSolver.Solve(plan.Share!, out var share));
        Assert.Equal(0.2, share!.Share, 1e-9);
    }

    [Fact]
    public void Every_fault_is_told_with_its_line_and_cure()
    {
        var text = Good.Replace("rate: 20", "rate: -20", StringComparison.Ordinal)
            .Replace("service: 20ms", "service: 20", StringComparison.Ordinal)
            .Replace("payload: 50k", "payload: much", StringComparison.Ordinal)
            .Replace("100Mbit/s", "100MB", StringComparison.Ordinal)
            .Replace("{share: 0.30, ", "{", StringComparison.Ordinal)
            .Replace("local: 100ms", "local: 0ms", StringComparison.Ordinal)
            .Replace("perStorage", "perStorrage", StringComparison.Ordinal);
        var faults = new List<Fault>();
        Assert.Null(PlanReader.Read("plan.yaml", text, faults));
        Assert.All(faults, fault => Assert.True(fault is { File: "plan.yaml", Line: > 0, Cure.Length: > 0 }, fault.ToString()));
        Assert.Equal([8, 9, 11, 11, 12, 13, 19, 19], faults.Select(fault => fault.Line).Order());
        Assert.Contains(faults, fault => fault.ToString() == "plan.yaml:19: `spec.share.bandwidth.perStorrage` is not known; did you mean `perStorage`?");
    }

    [Theory]
    [InlineData("escalated: 400ms", "escalated: 50ms", "is shorter than `local`")]
    [InlineData("price: 0.02", "quantile: 10ms", "is shorter than the mean `service`")]
    [InlineData("bandwidth: {perStorage: 0.1}", "bandwidth: {perStorage: 0.1}\n    budget: 40", "limits nothing")]
    [InlineData("sites: 10", "sites: 0", "is 0")]
    [InlineData("share: 0.30", "share: 1.30", "is 1.30")]
    public void Contradictions_are_faults(string from, string to, string problem)
    {
        var faults = new List<Fault>();
        Assert.Null(PlanReader.Read("plan.yaml", Good.Replace(from, to, StringComparison.Ordinal), faults));
        Assert.Contains(faults, fault => fault.Problem.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_plan_that_asks_nothing_is_a_fault()
    {
        var faults = new List<Fault>();
        Assert.Null(PlanReader.Read("plan.yaml", "apiVersion: lepton.dev/v1\nkind: Plan\nmetadata: {name: x}\nspec: {}\n", faults));
        Assert.Contains("queueing", Assert.Single(faults).Problem, StringComparison.Ordinal);
        faults.Clear();
        Assert.Null(PlanReader.Read("plan.yaml", "", faults));
        Assert.Single(faults);
    }

    [Theory]
    [InlineData("500kbit/s", 5e5)]
    [InlineData("8Mbit/s", 8e6)]
    [InlineData("1.5Gbit/s", 1.5e9)]
    public void Bandwidths_read(string text, double bits)
    {
        Assert.True(Quantity.TryBandwidth(text, out var read));
        Assert.Equal(bits, read);
    }

    [Theory]
    [InlineData("8")]
    [InlineData("8MB/s")]
    [InlineData("0Mbit/s")]
    [InlineData("-8Mbit/s")]
    public void Other_text_is_no_bandwidth(string text) => Assert.False(Quantity.TryBandwidth(text, out _));
}
