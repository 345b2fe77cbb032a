namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>How much work of one kind may be with workers at the same time, in all and by name; the rest waits here, in order. Guarded by the queue.</summary>
internal sealed class Admission
{
    /// <summary>Places for work, and who waits for one. Without a limit everyone enters and nobody takes a place.</summary>
    private sealed class Places(int limit)
    {
        private readonly Queue<Work> waiting = new();
        private readonly HashSet<Work> inside = [];

        internal bool TryEnter(Work work)
        {
            if (limit <= 0) return true;
            if (inside.Count >= limit)
            {
                waiting.Enqueue(work);
                return false;
            }
            return inside.Add(work);
        }

        /// <returns>Who gets the place, if anyone waits for it.</returns>
        internal Work? Leave(Work work)
        {
            if (!inside.Remove(work) || !waiting.TryDequeue(out var next)) return null;
            inside.Add(next);
            return next;
        }
    }

    private readonly Dictionary<string, Places> named = new(StringComparer.Ordinal);
    private readonly Places all;

    /// <param name="limit">For all work of the kind; 0 for none.</param>
    /// <param name="limits">By the name of workflow or activity.</param>
    internal Admission(int limit, IReadOnlyDictionary<string, int> limits)
    {
        all = new Places(limit);
        foreach (var (name, most) in limits) named[name] = new Places(most);
    }

    /// <returns>Whether the work may go to a worker now; if not, <see cref="Leave"/> gives it back when it may.</returns>
    internal bool TryEnter(Work work) => (!named.TryGetValue(work.LimitedAs, out var own) || own.TryEnter(work)) && all.TryEnter(work);

    /// <returns>The work that may go now that this one is done.</returns>
    internal IEnumerable<Work> Leave(Work work)
    {
        if (all.Leave(work) is { } next) yield return next;
        if (named.TryGetValue(work.LimitedAs, out var own) && own.Leave(work) is { } another && all.TryEnter(another)) yield return another;
    }
}
