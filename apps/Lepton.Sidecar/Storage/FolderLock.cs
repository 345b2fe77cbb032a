namespace Lepton.Sidecar.Storage;

/// <summary>One process per state folder: a second one would deliver everything twice. The system frees the lock even on kill -9.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream stream;

    internal FolderLock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            stream = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            var used = fault is IOException && File.Exists(Path.Combine(folder, "lock"));
            throw new StorageException(used
                ? $"State folder '{folder}' is in use by another Lepton runtime. Stop that one, or name another folder with --state."
                : $"State folder '{folder}' cannot be used ({fault.Message}). Make it writable, or name another folder with --state.", fault);
        }
    }

    public void Dispose() => stream.Dispose();
}
