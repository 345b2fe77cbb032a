using Lepton.Sidecar.Resources;

namespace Lepton.Sidecar.Hosting;

/// <summary>Takes changed component and subscription files while the sidecar runs, as daprd does with its feature HotReload.</summary>
internal sealed class HotReload : IAsyncDisposable
{
    internal const string Feature = "HotReload";

    // Editors write a file in several steps, and often several files follow each other.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);

    private readonly VirtualSidecar sidecar;
    private readonly List<FileSystemWatcher> watchers = [];
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly Task loop;

    private HotReload(VirtualSidecar sidecar)
    {
        this.sidecar = sidecar;
        foreach (var folder in sidecar.Options.ResourcesPaths.Where(Directory.Exists))
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
            watcher.Changed += Note;
            watcher.Created += Note;
            watcher.Deleted += Note;
            watcher.Renamed += Note;
            watcher.EnableRaisingEvents = true;
            watchers.Add(watcher);
        }
        loop = LoopAsync();
    }

    /// <summary>Begins to watch, if the configuration asks for it.</summary>
    internal static HotReload? Of(VirtualSidecar sidecar) => sidecar.Resources.Configuration.Features.Contains(Feature) ? new(sidecar) : null;

    private void Note(object source, FileSystemEventArgs change)
    {
        try
        {
            if (changed.CurrentCount == 0) changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another change was noted at the same moment: one look takes both.
        }
    }

    private async Task LoopAsync()
    {
        try
        {
            while (true)
            {
                await changed.WaitAsync(sidecar.Stopping).ConfigureAwait(false);
                while (await changed.WaitAsync(Settling, sidecar.Stopping).ConfigureAwait(false)) { }
                await ReloadAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The sidecar stops.
        }
    }

    private async Task ReloadAsync()
    {
        try
        {
            var next = EmbeddedRuntime.ReadResources(sidecar.Options);
            if (Fault(next) is { } fault) Log($"the changed resources are not taken: {fault}");
            else foreach (var line in await sidecar.ReloadAsync(next).ConfigureAwait(false)) Log(line);
        }
        catch (Exception fault) when (fault is RuntimeException or IOException or UnauthorizedAccessException)
        {
            Log($"the changed resources are not taken: {fault.Message}");
        }
    }

    private static string? Fault(ResourceSet next) =>
        next.Faults.Count > 0 ? string.Join("; ", next.Faults) : next.Components.Values.Select(StartLines.Refusal).FirstOrDefault(refusal => refusal is not null);

    private void Log(string line) => sidecar.Runtime.Log($"{sidecar.AppId}: hot reload: {line}");

    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in watchers) watcher.Dispose();
        await loop.ConfigureAwait(false);
        changed.Dispose();
    }
}
