using Google.Protobuf.WellKnownTypes;

namespace Lepton.Sidecar.Timing;

/// <summary>Times of messages: a caller may send any numbers, and those beyond what can be told become the nearest that can.</summary>
internal static class ProtoTimes
{
    internal static TimeSpan Clamped(this Duration duration)
    {
        var seconds = Math.Clamp(duration.Seconds, (long)TimeSpan.MinValue.TotalSeconds + 2, (long)TimeSpan.MaxValue.TotalSeconds - 2);
        return TimeSpan.FromSeconds(seconds) + TimeSpan.FromTicks(Math.Clamp(duration.Nanos, -999_999_999, 999_999_999) / 100);
    }

    internal static DateTimeOffset Clamped(this Timestamp time)
    {
        var seconds = Math.Clamp(time.Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1);
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(Math.Clamp(time.Nanos, 0, 999_999_999) / 100);
    }
}
