using Dapr.Client.Autogen.Grpc.v1;
using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Jobs;

/// <summary>A job of an app as it is kept. It is replaced, never changed, except for what its runs move on.</summary>
internal sealed class ScheduledJob(string app, Job message, JobTimes times, long version)
{
    private static readonly (uint? Retries, TimeSpan Pause) Default = (3, TimeSpan.FromSeconds(1));
    private int running;

    internal (string App, string Name) Key => (app, message.Name);

    internal Job Message => message;

    internal JobTimes Times => times;

    /// <summary>Tells one registration of a name from the next.</summary>
    internal long Version => version;

    internal DateTimeOffset Next { get; set; } = times.First;

    internal long Runs { get; set; }

    /// <summary>How often a failed run is tried again, without end when null, and the pause before.</summary>
    internal (uint? Retries, TimeSpan Pause) OnFailure => message.FailurePolicy switch
    {
        { Drop: not null } => (0, TimeSpan.Zero),
        { Constant: { } constant } => (constant.HasMaxRetries ? constant.MaxRetries : null, constant.Interval?.Clamped() ?? TimeSpan.Zero),
        _ => Default,
    };

    /// <summary>Claims the run; false while another one is under way.</summary>
    internal bool TryBegin() => Interlocked.Exchange(ref running, 1) == 0;

    internal void End() => Volatile.Write(ref running, 0);

    /// <summary>When it runs after the one that was just made; null when that was the last.</summary>
    internal DateTimeOffset? After(DateTimeOffset now)
    {
        if (message is { HasRepeats: true, Repeats: > 0 } && Runs + 1 >= message.Repeats) return null;
        return times.Next(Next, now) is { } next && !(next > times.Until) ? next : null;
    }
}
