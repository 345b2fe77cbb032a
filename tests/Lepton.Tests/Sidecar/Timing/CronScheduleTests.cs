using System.Globalization;
using Lepton.Sidecar.Timing;

namespace Lepton.Tests.Sidecar.Timing;

public sealed class CronScheduleTests
{
    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    [Theory]
    [InlineData("* * * * * *", "2026-11-24T20:28:36Z", "2026-11-24T20:28:37Z")]
    [InlineData("0 30 * * * *", "2026-11-24T20:30:00Z", "2026-11-24T21:30:00Z")]
    [InlineData("*/15 * * * *", "2026-11-24T20:31:05Z", "2026-11-24T20:45:00Z")]
    [InlineData("0 0 9-17/4 * * MON-FRI", "2026-11-27T17:00:00Z", "2026-11-30T09:00:00Z")]
    [InlineData("0 0 0 29 feb ?", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 0 1,15 * 0", "2026-11-16T00:00:00Z", "2026-11-22T00:00:00Z")]
    [InlineData("0 0 0 */2 * MON", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")]
    [InlineData("TZ=Europe/Berlin 0 30 8 * * *", "2026-11-24T07:00:00Z", "2026-11-24T07:30:00Z")]
    [InlineData("@daily", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z")]
    [InlineData("@monthly", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    public void The_next_time_is_found(string text, string after, string next)
    {
        Assert.Null(CronSchedule.Read(text, minutesAlone: true, out var schedule));
        Assert.Equal(At(next), schedule!.Next(At(after)));
    }

    [Fact]
    public void A_day_that_never_comes_has_no_next_time()
    {
        Assert.Null(CronSchedule.Read("0 0 0 30 2 *", minutesAlone: false, out var schedule));
        Assert.Null(schedule!.Next(At("2026-01-01T00:00:00Z")));
    }

    [Theory]
    [InlineData("* * * * *", "expected exactly 6 fields, found 5: [* * * * *]")]
    [InlineData("nonsense", "expected exactly 6 fields, found 1: [nonsense]")]
    [InlineData("60 * * * * *", "end of range (60) above maximum (59): 60")]
    [InlineData("x * * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("*/0 * * * * *", "step of range should be a positive number: */0")]
    [InlineData("0 0 0 * * 7", "end of range (7) above maximum (6): 7")]
    [InlineData("1-2-3 * * * * *", "too many hyphens: 1-2-3")]
    [InlineData("@often", "unrecognized descriptor: @often")]
    [InlineData("0 0 0 0 * *", "beginning of range (0) below minimum (1): 0")]
    public void What_is_wrong_is_said(string text, string fault) => Assert.Equal(fault, CronSchedule.Read(text, minutesAlone: false, out _));
}
