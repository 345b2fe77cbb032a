namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>One open GetWorkItems stream and the work its worker has in hand. Guarded by the queue.</summary>
internal sealed class WorkerStream
{
    internal HashSet<Work> InHand { get; } = [];

    internal bool Ended { get; set; }
}
