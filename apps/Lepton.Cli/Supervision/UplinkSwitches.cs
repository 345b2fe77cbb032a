namespace Lepton.Cli.Supervision;

/// <summary>Cuts and restores the way to the tier above at the times asked for.</summary>
internal sealed class UplinkSwitches(UpOptions options, RuntimeControl control, Monitor monitor)
{
    private bool wasCut;
    private bool wasRestored;

    public async Task TurnAsync(TimeSpan at, CancellationToken cancellationToken)
    {
        if (!wasCut && options.CutUplinkAt <= at)
        {
            wasCut = true;
            await TurnAsync(true, cancellationToken);
        }

        if (!wasRestored && options.RestoreAt <= at)
        {
            wasRestored = true;
            await TurnAsync(false, cancellationToken);
        }
    }

    /// <summary>A restore that was asked for at or after the end of the flow is done before the drain: else the drain would wait for nothing.</summary>
    public async Task RestoreIfDueAsync(CancellationToken cancellationToken)
    {
        if (wasCut && options.RestoreAt is not null && !wasRestored)
        {
            wasRestored = true;
            await TurnAsync(false, cancellationToken);
        }
    }

    private async Task TurnAsync(bool cut, CancellationToken cancellationToken)
    {
        await control.CutAsync(cut, cancellationToken);
        monitor.Note(cut ? "the way to the tier above is cut" : "the way to the tier above is open again");
    }
}
