namespace Lepton.Cli.Supervision;

/// <summary>Adds up a count that begins at 0 again whenever the process that counts is restarted.</summary>
internal sealed class Odometer
{
    private long last;

    public long Total { get; private set; }

    public void Read(long value)
    {
        Total += value >= last ? value - last : value;
        last = value;
    }
}
