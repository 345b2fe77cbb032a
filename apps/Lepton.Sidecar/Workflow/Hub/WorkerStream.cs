namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>One open GetWorkItems stream and the work its worker has in hand. Guarded by the queue.</summary>
/// <param name="tokens">Whether the worker sends completion tokens back: those that declare a capability do, as they are newer than daprd 1.18, which sends none.</param>
internal sealed class WorkerStream(bool tokens)
{
    internal bool Tokens => tokens;

    internal HashSet<Work> InHand { get; } = [];

    internal bool Ended { get; set; }
}
