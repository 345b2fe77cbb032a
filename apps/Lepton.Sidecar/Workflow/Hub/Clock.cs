using Google.Protobuf.WellKnownTypes;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>Timestamps that never repeat: two events of one name are told apart by theirs.</summary>
internal sealed class Clock(TimeProvider time)
{
    private long last;

    internal TimeProvider Provider => time;

    internal DateTimeOffset Now => time.GetUtcNow();

    internal Timestamp Next()
    {
        while (true)
        {
            var seen = Volatile.Read(ref last);
            var next = Math.Max(time.GetUtcNow().UtcTicks, seen + 1);
            if (Interlocked.CompareExchange(ref last, next, seen) == seen) return Timestamp.FromDateTime(new DateTime(next, DateTimeKind.Utc));
        }
    }
}
