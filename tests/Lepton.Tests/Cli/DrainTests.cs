using Lepton.Cli.Checking;
using Lepton.Cli.Supervision;
using Microsoft.Extensions.Time.Testing;

namespace Lepton.Tests.Cli;

public sealed class DrainTests
{
    private static readonly Dictionary<string, long> None = [];
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Nothing_pending_must_hold_a_moment()
    {
        var drain = new Drain(TimeSpan.FromMinutes(2), time);
        Assert.Equal(Settlement.Open, drain.Look(Figures(0), false));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Settlement.Open, drain.Look(Figures(0, events: 6), false));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Settlement.Drained, drain.Look(Figures(0, events: 6), false));
    }

    [Theory]
    [InlineData(false, Settlement.Stuck, 4)]
    [InlineData(true, Settlement.WaitingForUplink, 1)]
    internal void What_does_not_move_is_lost_unless_it_waits_for_a_cut_uplink(bool cut, Settlement expected, long lost)
    {
        var drain = new Drain(TimeSpan.FromMinutes(10), time);
        var figures = Figures(4, unanswered: 1);
        drain.Look(figures, cut);
        time.Advance(TimeSpan.FromSeconds(46));
        Assert.Equal(expected, drain.Look(figures, cut));
        Assert.Equal(lost, Summaries.Of(figures, 0, None, expected, null)["beats"].Lost);
    }

    [Fact]
    public void Work_that_goes_on_at_the_time_limit_is_pending_and_not_lost()
    {
        var drain = new Drain(TimeSpan.FromSeconds(30), time);
        for (var pending = 90; pending > 60; pending--)
        {
            drain.Look(Figures(pending), false);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(Settlement.TimeUp, drain.Look(Figures(60), false));
        Assert.Equal(0, Summaries.Of(Figures(60), 0, None, Settlement.TimeUp, null)["beats"].Lost);
    }

    [Fact]
    public void The_uplink_is_shared_out_and_never_exceeds_what_all_would_cost()
    {
        var costs = Costs.Of(10_000, new Dictionary<string, long> { ["small"] = 600, ["large"] = 400 }, new Dictionary<string, PipelineFigures>
        {
            ["small"] = Bytes(events: 100, escalated: 10, each: 300),
            ["large"] = Bytes(events: 10, escalated: 1, each: 3000),
        });
        Assert.Equal((6_000, 4_000), (costs["small"].Bytes, costs["large"].Bytes));
        Assert.All(costs.Values, one => Assert.InRange(one.BytesIfAll, one.Bytes * 9.9, one.Bytes * 10.1));
    }

    [Fact]
    public void A_counter_that_begins_again_goes_on_where_it_was()
    {
        var odometer = new Odometer();
        foreach (var reading in (long[])[100, 250, 30, 40])
        {
            odometer.Read(reading);
        }

        Assert.Equal(290, odometer.Total);
    }

    private static RunFigures Figures(long pending, long events = 5, long unanswered = 0) =>
        new("r1", new Dictionary<string, PipelineFigures> { ["beats"] = Bytes(events, 0, 0) with { Pending = pending, Unanswered = unanswered } });

    private static PipelineFigures Bytes(long events, long escalated, long each) => new()
    {
        Events = events,
        Escalated = escalated,
        PayloadBytes = events * each,
        EscalatedPayloadBytes = escalated * each,
        LatencyMs = new Quantiles(null, null),
        Accuracy = new BeforeAfter(null, null),
        Sensitivity = new BeforeAfter(null, null),
        Specificity = new BeforeAfter(null, null),
    };
}
