using Lepton.Contracts.Events;
using Lepton.Workflows.Escalation;

namespace Lepton.Tests.Workflows;

public sealed class BackoffTests
{
    private static readonly Pauses OneToThirty = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    private static string Subject(int i) => EventKey.Subject("ecg", EventKey.Of("device", i.ToString()));

    [Fact]
    public void It_doubles_up_to_the_longest_pause()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var most = Math.Min(30, Math.Pow(2, attempt));
            Assert.InRange(Backoff.Pause(Subject(1), OneToThirty, attempt).TotalSeconds, most / 2, most);
        }
    }

    [Fact]
    public void The_same_event_waits_the_same_time_in_a_replay() =>
        Assert.Equal(Backoff.Pause(Subject(1), OneToThirty, 3), Backoff.Pause(Subject(1), OneToThirty, 3));

    [Fact]
    public void Different_events_do_not_come_back_together() =>
        Assert.InRange(Enumerable.Range(0, 100).Select(i => Backoff.Pause(Subject(i), OneToThirty, 4)).Distinct().Count(), 95, 100);

    [Fact]
    public void The_tier_above_may_ask_for_more_time_but_not_beyond_the_end()
    {
        Assert.Equal(TimeSpan.FromSeconds(90), Backoff.Pause(Subject(1), OneToThirty, 0, TimeSpan.FromSeconds(90)));
        Assert.Equal(TimeSpan.FromSeconds(5), Backoff.Pause(Subject(1), OneToThirty, 0, TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_pause_is_never_none() =>
        Assert.True(Backoff.Pause(Subject(1), OneToThirty, 0, left: TimeSpan.FromSeconds(-5)) > TimeSpan.Zero);
}
