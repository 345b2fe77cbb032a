namespace Lepton.Sidecar.Storage;

/// <summary>The writer's session while a group of work runs.</summary>
internal sealed class WriteTransaction : Session
{
    private readonly List<Action> committed = [];

    internal WriteTransaction(string file) : base(file) { }

    /// <summary>
    /// Runs <paramref name="action"/> on the writer thread once the group is durable, in the order the work was queued and before its task completes:
    /// the place to hand on what was written. It must be short and must not throw.
    /// </summary>
    public void OnCommitted(Action action) => committed.Add(action);

    internal int Mark => committed.Count;

    internal void Forget(int mark) => committed.RemoveRange(mark, committed.Count - mark);

    internal void RunCommitted()
    {
        foreach (var action in committed) action();
        committed.Clear();
    }
}
