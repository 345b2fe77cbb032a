using Lepton.Sidecar.Storage;

namespace Lepton.Sidecar.Workflow.Hub;

/// <summary>
/// A disk that refuses what workflows have to store. Whoever was refused asks how long to wait: a second at first, then longer, as the outage lasts. It is said
/// once when it begins, once in a while as it lasts, and once when it is over, however many instances meet it.
/// </summary>
internal sealed class Outage(string appId, TimeProvider time, Action<string> log)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private DateTimeOffset begun, said;
    private volatile bool down;
    private bool told;

    /// <returns>How long to wait before the next try.</returns>
    internal TimeSpan Refused(StorageException fault)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (!down) (down, begun, told) = (true, now, false);
            var pause = (now - begun) / 2;
            pause = pause < Shortest ? Shortest : pause > Longest ? Longest : pause;
            if (now - said >= Longest)
            {
                (said, told) = (now, true);
                log($"Workflows of '{appId}' wait, nothing of them is lost: {fault.Message} They try again, next in {pause.TotalSeconds:0} s.");
            }
            return pause;
        }
    }

    internal void Stored()
    {
        if (!down) return;
        lock (gate)
        {
            if (down && told) log($"Workflows of '{appId}' are stored again after {(time.GetUtcNow() - begun).TotalSeconds:0} s.");
            down = false;
        }
    }
}
