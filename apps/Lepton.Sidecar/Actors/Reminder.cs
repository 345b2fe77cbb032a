using Lepton.Sidecar.Timing;

namespace Lepton.Sidecar.Actors;

/// <summary>A reminder as it is stored. It is replaced, never changed, except for what firing moves on.</summary>
internal sealed class Reminder(string type, string actor, string name, long version)
{
    private int firing;

    internal (string Type, string Actor, string Name) Key => (type, actor, name);

    /// <summary>Tells one registration of a name from the next.</summary>
    internal long Version => version;

    internal required string DueText { get; init; }

    internal required string PeriodText { get; init; }

    /// <summary>When it ends, where that was given as a time; daprd shows no other.</summary>
    internal string TtlText { get; init; } = "";

    internal byte[]? Data { get; init; }

    internal Span? Period { get; init; }

    internal DateTimeOffset? Until { get; init; }

    internal (int Retries, TimeSpan Pause) OnFailure { get; init; }

    internal DateTimeOffset Next { get; set; }

    /// <summary>Firings that are left; null has no limit.</summary>
    internal int? Left { get; set; }

    /// <summary>Claims the firing; false while another one is under way.</summary>
    internal bool TryBegin() => Interlocked.Exchange(ref firing, 1) == 0;

    internal void End() => Volatile.Write(ref firing, 0);

    internal DateTimeOffset? After(DateTimeOffset now) => new Recurrence(Next, Period, Left, Until).Next(Next, now, 1);
}
