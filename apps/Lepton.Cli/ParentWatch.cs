namespace Lepton.Cli;

/// <summary>Lets a child process end with the one that started it: when `LEPTON_EXIT_WITH_STDIN` is 1, the end of standard input is the end of the parent.</summary>
internal sealed class ParentWatch : IDisposable
{
    private readonly Action stop;
    private volatile bool done;

    private ParentWatch(Action stop) => this.stop = stop;

    public static ParentWatch Follow(Action stop)
    {
        var watch = new ParentWatch(stop);
        if (Environment.GetEnvironmentVariable("LEPTON_EXIT_WITH_STDIN") == "1")
        {
            // A thread of its own: a blocked read must not hold one of the pool's.
            new Thread(watch.ReadToEnd) { IsBackground = true, Name = "parent watch" }.Start();
        }

        return watch;
    }

    public void Dispose() => done = true;

    private void ReadToEnd()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[256];
        while (input.Read(ignored) > 0)
        {
        }

        if (!done)
        {
            stop();
        }
    }
}
