using Lepton.Sidecar.Actors;
using Lepton.Sidecar.Timing;

namespace Lepton.Tests.Sidecar.Timing;

public sealed class TimesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1h15m2s3ms", 4_502_003)]
    [InlineData("0h0m0s500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("-1s", -1000)]
    [InlineData("0", 0)]
    public void Go_durations_are_read(string text, long milliseconds)
    {
        Assert.True(Durations.TryGo(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("1 h")]
    [InlineData("PT1S")]
    public void Other_texts_are_no_go_durations(string text) => Assert.False(Durations.TryGo(text, out _));

    [Theory]
    [InlineData(36 * 3600 * 1000L, "36h0m0s")]
    [InlineData(5_400_000L, "1h30m0s")]
    [InlineData(30_000L, "30s")]
    [InlineData(1_500L, "1.5s")]
    [InlineData(500L, "500ms")]
    public void Durations_are_written_as_go_writes_them(long milliseconds, string text) => Assert.Equal(text, Durations.Go(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void An_iso_duration_may_have_months_and_repetitions()
    {
        Assert.True(Durations.TryIso("R5/P1M1DT2H", out var span, out var times, out var hasDate));
        Assert.Equal((5, true), (times, hasDate));
        Assert.Equal(new DateTimeOffset(2026, 4, 2, 14, 0, 0, TimeSpan.Zero), span.After(Now));
        Assert.False(Durations.TryIso("R5/30s", out _, out _, out _));
        Assert.False(Durations.TryIso("PT1.5S", out _, out _, out _));
    }

    [Fact]
    public void A_schedule_that_slept_catches_up_with_one_firing()
    {
        var everyMinute = new Recurrence(Now, new Span(0, TimeSpan.FromMinutes(1)), null, null);
        Assert.Equal(Now.AddMinutes(1), everyMinute.Next(Now, Now, 1));
        Assert.Equal(Now.AddMinutes(601), everyMinute.Next(Now, Now.AddMinutes(600).AddSeconds(5), 1));
    }

    [Fact]
    public void A_schedule_ends_with_its_times_or_its_end()
    {
        var period = new Span(0, TimeSpan.FromSeconds(1));
        Assert.Null(new Recurrence(Now, period, 3, null).Next(Now, Now, 3));
        Assert.NotNull(new Recurrence(Now, period, 3, Now.AddSeconds(1)).Next(Now, Now, 1));
        Assert.Null(new Recurrence(Now, period, 3, Now.AddMilliseconds(999)).Next(Now, Now, 1));
    }

    [Theory]
    [InlineData("bad", "", "", "due time format not recognized")]
    [InlineData("R2/PT1S", "", "", "repeats not supported for due time")]
    [InlineData("1h", "P1D", "", "unsupported period format: P1D")]
    [InlineData("1h", "", "1h", "job must have a schedule to have a ttl")]
    [InlineData("", "", "", "job must have either a due time or a schedule")]
    public void A_reminder_with_wrong_times_is_refused_in_words(string due, string period, string ttl, string cause)
    {
        var fault = Assert.Throws<ActorFault>(() => ReminderTimes.Reminder(new ActorRequest { DueTime = due, Period = period, Ttl = ttl }, Now));
        Assert.EndsWith(cause, fault.Message, StringComparison.Ordinal);
    }
}
