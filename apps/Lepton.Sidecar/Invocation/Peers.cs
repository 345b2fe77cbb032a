using System.Collections.Concurrent;

namespace Lepton.Sidecar.Invocation;

/// <summary>Where another host takes calls to an app, and whether that app speaks gRPC.</summary>
internal readonly record struct Peer(int Port, bool IsGrpc)
{
    internal string Root => $"http://127.0.0.1:{Port}";
}

/// <summary>
/// How stand-alone hosts of one user find each other by app id: each holds a locked file `app@port@protocol` in one folder. The system frees the lock even on kill -9,
/// so a file that can be locked belongs to nobody any more and is taken away by whoever looks. Of several hosts with one id the one that started last is called.
/// </summary>
internal sealed class Peers(string folder) : IDisposable
{
    private const char Separator = '@';
    private const string Grpc = "grpc";
    private readonly ConcurrentDictionary<string, Peer> known = new();
    private readonly List<FileStream> own = [];

    /// <summary>The folder of this user's hosts.</summary>
    internal static string DefaultFolder
    {
        get
        {
            var root = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Directory.Exists(runtime) ? runtime : Path.GetTempPath();
            return Path.Combine(root, $"lepton-{Environment.UserName}", "apps");
        }
    }

    /// <summary>Lets others find an app at a port for as long as this process lives.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not this user's.</exception>
    internal void Register(string appId, Peer peer)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles()) IsHeld(file);
        var path = Path.Combine(folder, $"{Uri.EscapeDataString(appId)}{Separator}{peer.Port}{Separator}{(peer.IsGrpc ? Grpc : "http")}");
        while (true)
        {
            FileStream file;
            try
            {
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Somebody looks just now whether the file of a former host is stale.
                Thread.Sleep(1);
                continue;
            }
            if (File.Exists(path))
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                lock (own) own.Add(file);
                return;
            }
            file.Dispose();
        }
    }

    /// <summary>An app's host; null when there is none. What was found once stays known, so that calls to a host that dies say so.</summary>
    internal Peer? Find(string appId)
    {
        if (known.TryGetValue(appId, out var peer)) return peer;
        return Look(appId) is { } found ? known[appId] = found : null;
    }

    /// <summary>Looks again, after a host did not answer where it was.</summary>
    internal Peer? FindAgain(string appId)
    {
        if (Look(appId) is { } found) known[appId] = found;
        return known.TryGetValue(appId, out var peer) ? peer : null;
    }

    /// <summary>Nobody answers there any more.</summary>
    internal void Forget(string appId) => known.TryRemove(appId, out _);

    private Peer? Look(string appId)
    {
        if (!Directory.Exists(folder)) return null;
        var name = Uri.EscapeDataString(appId);
        (Peer Peer, DateTime Since)? newest = null;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles($"{name}{Separator}*"))
        {
            if (file.Name.Split(Separator) is not [var id, var port, var protocol] || id != name || !int.TryParse(port, out var number) || !IsHeld(file)) continue;
            if (newest is null || file.LastWriteTimeUtc > newest.Value.Since) newest = (new Peer(number, protocol == Grpc), file.LastWriteTimeUtc);
        }
        return newest?.Peer;
    }

    /// <summary>Whether a process holds the file; one that nobody holds is deleted.</summary>
    private static bool IsHeld(FileInfo file)
    {
        try
        {
            using var stale = new FileStream(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            return false;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    public void Dispose()
    {
        lock (own)
        {
            foreach (var file in own) file.Dispose();
            own.Clear();
        }
    }
}
