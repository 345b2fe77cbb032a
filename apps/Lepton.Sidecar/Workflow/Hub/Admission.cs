namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>How much work of one kind may be with workers at the same time; the rest waits here, in order. Guarded by the queue.</summary>
/// <param name="limit">0 for no limit.</param>
internal sealed class Admission(int limit)
{
    private readonly Queue<Work> waiting = new();
    private int admitted;

    /// <returns>Whether the work may go to a worker now; if not, <see cref="Leave"/> gives it back when it may.</returns>
    internal bool TryEnter(Work work)
    {
        if (limit <= 0) return true;
        if (admitted >= limit)
        {
            waiting.Enqueue(work);
            return false;
        }
        admitted++;
        return work.Admitted = true;
    }

    /// <returns>The work that may go now that this one is done, if any waits.</returns>
    internal Work? Leave(Work work)
    {
        if (!work.Admitted) return null;
        work.Admitted = false;
        if (!waiting.TryDequeue(out var next))
        {
            admitted--;
            return null;
        }
        next.Admitted = true;
        return next;
    }
}
