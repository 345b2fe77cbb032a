using System.Globalization;
using Lepton.Sidecar.Hosting;
using Lepton.Sidecar.Resources;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Bindings;

/// <summary>bindings.cron: tells the app that its time has come. A call that fails is not repeated before the next time, and times missed stay missed.</summary>
internal sealed class CronBinding : InputBinding
{
    private const string Every = "@every ";
    private readonly TimeProvider time;
    private readonly TimeSpan? period;
    private readonly CronSchedule? schedule;

    internal CronBinding(Component component, TimeProvider time)
    {
        this.time = time;
        var text = component["schedule"] ?? "";
        var wrong = text.StartsWith(Every, StringComparison.Ordinal) ? Period(text[Every.Length..], out period) : CronSchedule.Read(text, minutesAlone: true, out schedule);
        if (wrong is not null) throw new RuntimeException($"component '{component.Name}' (bindings.cron) has schedule '{text}' ({wrong}). Write it as @every 10s, @daily, or five or six cron fields.");
    }

    internal override async Task RunAsync(Deliver deliver, CancellationToken stop)
    {
        for (var next = After(Now); next is { } due; next = After(Now))
        {
            for (var wait = due - Now; wait > TimeSpan.Zero; wait = due - Now)
                await Task.Delay(wait > TimeSpan.FromDays(30) ? TimeSpan.FromDays(30) : wait + TimeSpan.FromMilliseconds(1), time, stop).ConfigureAwait(false);
            await deliver(default, Metadata(Now), stop).ConfigureAwait(false);
        }
    }

    private DateTimeOffset Now => time.GetLocalNow();

    /// <summary>A period counts from the app's answer: an app that is slow is not overrun.</summary>
    private DateTimeOffset? After(DateTimeOffset now) => period is { } length ? now + length : schedule!.Next(now);

    private static Dictionary<string, string> Metadata(DateTimeOffset now) => new()
    {
        ["timeZone"] = "Local",
        ["readTimeUTC"] = now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + " +0000 UTC",
    };

    private static string? Period(string text, out TimeSpan? period)
    {
        period = Durations.TryGo(text, out var length) && length > TimeSpan.Zero ? length : null;
        return period is null ? $"'{text}' is no length of time" : null;
    }
}
