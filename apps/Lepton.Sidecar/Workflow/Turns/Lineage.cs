using Google.Protobuf;
using Lepton.Sidecar.Workflow.Protos;

namespace Lepton.Sidecar.Workflow.Turns;

/// <summary>What an activity or a child is told of the histories before it, where the workflow asks for that.</summary>
internal static class Lineage
{
    /// <param name="scope">The own history only, or those told to this instance before it.</param>
    /// <param name="instance">Whose history it is.</param>
    /// <param name="app">Its app.</param>
    /// <param name="events">The history up to now.</param>
    /// <param name="received">What this instance was told itself.</param>
    internal static PropagatedHistory Tell(HistoryPropagationScope scope, string instance, string app, IEnumerable<HistoryEvent> events, PropagatedHistory? received)
    {
        var told = new PropagatedHistory { Scope = scope };
        if (scope == HistoryPropagationScope.Lineage && received is not null) told.Chunks.AddRange(received.Chunks);
        var chunk = new PropagatedHistoryChunk { AppId = app, InstanceId = instance };
        foreach (var entry in events)
        {
            if (chunk.WorkflowName.Length == 0 && entry.ExecutionStarted is { } started) chunk.WorkflowName = started.Name;
            chunk.RawEvents.Add(entry.ToByteString());
        }
        if (chunk.RawEvents.Count > 0) told.Chunks.Add(chunk);
        return told;
    }
}
