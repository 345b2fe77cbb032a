using Lepton.Cli.Pipelines;

namespace Lepton.Cli.Devices;

/// <summary>Spaces events evenly. After a stop of the world the rate goes on; what was missed is not made up for in a burst.</summary>
internal sealed class Pacer(Rate rate, TimeProvider time)
{
    private static readonly TimeSpan MostBehind = TimeSpan.FromSeconds(1);

    private readonly TimeSpan step = rate.PerSecond is { } perSecond ? TimeSpan.FromSeconds(1 / perSecond) : TimeSpan.Zero;
    private DateTimeOffset due = time.GetUtcNow();

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (step == TimeSpan.Zero)
        {
            return;
        }

        var now = time.GetUtcNow();
        due = due < now - MostBehind ? now : due;
        if (due > now)
        {
            await Task.Delay(due - now, time, cancellationToken);
        }

        due += step;
    }
}
