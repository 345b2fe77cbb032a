using Lepton.Sidecar.Resiliency;

namespace Lepton.Sidecar.PubSub;

/// <summary>An event ready to go: the bytes the app sees, where they go, and the trace they carry.</summary>
internal readonly record struct Outgoing(string Path, ReadOnlyMemory<byte> Event, Message Message, string? TraceParent);

/// <summary>One way to hand an event to an app.</summary>
internal abstract class Sender
{
    /// <summary>A single attempt; the outcome is the app's answer.</summary>
    internal abstract Task<Attempt<Outcome>> SendAsync(Outgoing outgoing, CancellationToken stop);
}

/// <summary>One way to hand a batch to an app.</summary>
internal abstract class BulkSender
{
    /// <summary>A single attempt. What the app said of an entry is written into it; one that it said nothing of is to be sent again.</summary>
    internal abstract Task<Attempt<Outcome>> SendAsync(string path, List<BulkEntry> entries, CancellationToken stop);
}
