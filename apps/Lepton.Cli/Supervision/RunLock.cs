namespace Lepton.Cli.Supervision;

/// <summary>One `up` a folder. The lock ends with the process that holds it, however that ends; what stays in the file says whether it ended in order.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream file;

    private RunLock(FileStream file)
    {
        this.file = file;
        PredecessorWasKilled = file.Length > 0;
    }

    /// <summary>Its children may still be ending.</summary>
    public bool PredecessorWasKilled { get; }

    public static RunLock Take(LocalFolder folder)
    {
        var path = Path.Combine(folder.Root, "up.lock");
        try
        {
            return new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            throw new CommandException($"another `lepton up` runs with the same local state ({folder.Root}); end it first, or start in another folder");
        }
    }

    /// <summary>From here on there are children; an end that does not dispose this was a kill.</summary>
    public void Begin()
    {
        file.SetLength(0);
        file.WriteByte((byte)'1');
        file.Flush();
    }

    public void Dispose()
    {
        file.SetLength(0);
        file.Dispose();
    }
}
