namespace Lepton.Cli.Supervision;

/// <summary>Says once that the disk of the local state is running full, before anything has to be refused.</summary>
internal sealed class DiskWatch(string folder, Action<string> note)
{
    private const long LeastFreeBytes = 100L << 20;
    private bool said;

    public void Look()
    {
        if (!said && new DriveInfo(folder).AvailableFreeSpace is var free && free < LeastFreeBytes)
        {
            said = true;
            note($"the disk that holds '{folder}' has only {free >> 20} MiB left; free some space, else events are refused and wait until there is some");
        }
    }
}
