namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>One open GetWorkItems stream and the work its worker has in hand. Guarded by the queue.</summary>
/// <param name="tokens">Whether the worker gets completion tokens, as it sends them back.</param>
internal sealed class WorkerStream(bool tokens)
{
    internal bool Tokens => tokens;

    internal HashSet<Work> InHand { get; } = [];

    internal bool Ended { get; set; }
}
